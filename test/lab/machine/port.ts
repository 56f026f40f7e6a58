import { isIPv6 } from "node:net";

/** A host's connection to the network. */
export interface Port {
  /** The name of the host, and of the interface at the bridge's end of its cable. */
  name: string;
  address: string;
}

export const hostNumber = ({ address }: Port) => Number(address.split(/[.:]/).at(-1));
export const mac = (port: Port) => `02:00:c0:00:02:${hostNumber(port).toString(16).padStart(2, "0")}`;

/** The address with the length of its network, and without the wait of an IPv6 address for others that have it. */
export const onLink = ({ address }: Port) =>
  isIPv6(address) ? `${address}/64 dev eth0 nodad` : `${address}/24 dev eth0`;

/** An IPv6 address as in /proc/net/if_inet6: 32 hexadecimal digits. */
export function hexDigits(address: string): string {
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const [head = [], tail = []] = address.split("::").map(groups);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].map((group) => group.padStart(4, "0")).join("");
}
