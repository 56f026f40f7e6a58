/** A host's connection to the network. */
export interface Port {
  /** The name of the host, and of the interface at the bridge's end of its cable. */
  name: string;
  address: string;
}

export const hostNumber = ({ address }: Port) => Number(address.split(".").at(-1));
export const mac = (port: Port) => `02:00:c0:00:02:${hostNumber(port).toString(16).padStart(2, "0")}`;
