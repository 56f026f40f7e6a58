import { isIP } from "node:net";
import type { FoundServer, Host } from "./find-host.ts";

/** What a new cluster file is made from. All are texts, as a person types them; the cluster file's own checks follow. */
export interface Answers {
  name: string;
  interface: string;
  vip: string;
  routerId: string;
  /** NAME=ADDRESS */
  here: string;
  peer: string;
}

export interface Question {
  key: keyof Answers;
  flag: string;
  text: string;
  /** Undefined where nothing on this host tells. */
  propose(host: Host, soFar: Partial<Answers>): string | undefined;
}

/** In order: a proposal may depend on the answers before it. */
export const questions: readonly Question[] = [
  { key: "name", flag: "--name", text: "Name of the cluster", propose: () => "redis" },
  {
    key: "interface",
    flag: "--interface",
    text: "Network interface of the virtual IP",
    propose: ({ interfaces }) => interfaces[0]?.name,
  },
  {
    key: "vip",
    flag: "--vip",
    text: "Virtual IP: an address of that network which nothing uses",
    propose: () => undefined,
  },
  {
    key: "routerId",
    flag: "--router-id",
    text: "VRRP router id, 1 to 255, which nothing else on that network uses",
    propose: (_, { vip = "" }) => lastByte(vip) ?? "51",
  },
  {
    key: "here",
    flag: "--node NAME=ADDRESS",
    text: "This node, NAME=ADDRESS",
    propose: ({ hostname, interfaces }, { interface: chosen, vip = "" }) => {
      const family = isIP(address(vip));
      const own = interfaces.find((one) => one.name === chosen && (family === 0 || isIP(one.address) === family));
      return own && hostname !== "" ? `${hostname}=${own.address}` : undefined;
    },
  },
  { key: "peer", flag: "--node NAME=ADDRESS", text: "The other node, NAME=ADDRESS", propose: () => undefined },
];

const address = (vip: string): string => vip.split("/")[0] ?? "";

// The virtual IP is the only one of its network, so its last byte is likely to be a router id that nobody else has.
function lastByte(vip: string): string | undefined {
  if (isIP(address(vip)) !== 4) return undefined;
  const byte = address(vip).split(".").at(-1) ?? "0";
  return Number(byte) > 0 ? byte : undefined;
}

/** The virtual IP with the prefix length of its interface, if it was given without one. */
export function withPrefix(vip: string, chosen: string, { interfaces }: Host): string {
  if (vip.includes("/")) return vip;
  const own = interfaces.find(({ name, address: one }) => name === chosen && isIP(one) === isIP(vip));
  return own ? `${vip}/${own.prefix}` : vip;
}

/** The nodes that --node names: this one, if it has one of the addresses of this host, and the others. */
export function givenNodes(
  given: readonly string[],
  { interfaces }: Host,
): Pick<Partial<Answers>, "here" | "peer"> & {
  more: string[];
} {
  const isHere = (one: string) => interfaces.some(({ address: own }) => one.endsWith(`=${own}`));
  const here = given.find(isHere);
  const [peer, ...more] = given.filter((one) => one !== here);
  return { ...(here === undefined ? {} : { here }), ...(peer === undefined ? {} : { peer }), more };
}

/** The server that the cluster is for: the one of that port, or the only one. */
export function chosenServer(servers: readonly FoundServer[], port: number | undefined): FoundServer | undefined {
  if (port !== undefined) return servers.find((one) => one.port === port);
  return servers.find((one) => one.port === 6379) ?? (servers.length === 1 ? servers[0] : undefined);
}
