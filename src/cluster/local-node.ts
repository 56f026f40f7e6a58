import { addressesWithoutCarrier, hostAddresses } from "../system/host-addresses.ts";
import { UsageError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import type { Cluster, Node } from "./schema.ts";

/** The node of that name, or without a name the node whose address this host has. Throws a UsageError. */
export function localNode(cluster: Cluster, name: string | undefined, addresses = hostAddresses()): Node {
  const { nodes } = cluster;
  const names = nodes.map((node) => node.name);
  if (name !== undefined) {
    const named = nodes.find((node) => node.name === name);
    if (named) return named;
    const near = nearest(name, names);
    throw new UsageError(`no node "${name}" in the cluster "${cluster.name}"`, {
      remedy: near ? `did you mean ${near}?` : `its nodes are ${names.join(", ")}`,
    });
  }
  const nodesOf = (known: string[]) => nodes.filter((node) => known.includes(node.address));
  const connected = nodesOf(addresses);
  const here = connected.length > 0 ? connected : nodesOf(addressesWithoutCarrier());
  const [only, second] = here;
  if (only && !second) return only;
  const listed = nodes.map((node) => `${node.name} ${node.address}`).join(", ");
  if (second)
    throw new UsageError(`this host has the addresses of more than one node (${listed})`, {
      remedy: "say which with --node NAME",
    });
  const own = addresses.filter((address) => !/^(127\.|::1$|fe80:)/.test(address)).join(", ");
  throw new UsageError(`this host (${own || "no address"}) is none of the nodes (${listed})`, {
    remedy: "run this on one of them, or say which with --node NAME",
  });
}

/** The other nodes, in the order of the file. */
export const peersOf = ({ nodes }: Cluster, { name }: Node): Node[] => nodes.filter((node) => node.name !== name);

// The highest priority that is not the address owner's (255). After an advert of priority 0 the next node waits for the skew
// time (RFC 5798), (256 - priority) / 256 of an advert interval: 2.3 ms with priority 253 and 0.2 s, 5.5 ms with 249.
const highest = 254;

/** The VRRP priority of a node: as configured, or by the order of the nodes in the file. */
export function priorityOf({ nodes }: Cluster, { name, priority }: Node): number {
  return priority ?? highest - nodes.findIndex((node) => node.name === name);
}
