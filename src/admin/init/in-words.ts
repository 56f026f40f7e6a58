import { peersOf } from "../../cluster/local-node.ts";
import { pathsOf } from "../../cluster/paths.ts";
import type { Described } from "./describe-node.ts";
import type { Running } from "./prepare.ts";

/** The state of each node in one line. */
export function nodesInWords({ situation }: Running): string[] {
  return [situation.node, ...situation.peers].map(({ name, seen }) => {
    if (seen.kind !== "observed") return `${name}: ${seen.detail}`;
    return `${name}: ${seen.server} ${seen.version}, ${seen.role}, ${seen.keys} keys`;
  });
}

/** What becomes of the data, before it happens. */
export function dataInWords({ adoption: found, situation }: Running, { cluster, node }: Described): string {
  const { seen } = situation.node;
  const keys = seen.kind === "observed" ? seen.keys : 0;
  if (found.kind === "start") return "no node is master: the newest data are found when Keepalived starts";
  if (found.kind === "follow")
    return keys === 0 || (seen.kind === "observed" && seen.source?.link === "up")
      ? `${node.name} is a replica of ${found.source.name} (${found.source.seen.keys} keys)`
      : `${node.name} becomes a replica of ${found.source.name} (${found.source.seen.keys} keys); its own ${keys} keys are kept as a dump in ${pathsOf(cluster).quarantine}`;
  const parked = found.park.map((peer) => `; ${peer.name} is parked, and its ${peer.seen.keys} keys take no writes`);
  return `the ${keys} keys of ${node.name} are the data of the cluster${parked.join("")}`;
}

/** The nodes that are still to be set up, as far as this one can tell: those that do not copy from it. */
export function othersOf({ cluster, node }: Described, running: Running | undefined): string[] {
  const copies = (name: string): boolean => {
    const seen = running?.situation.peers.find((one) => one.name === name)?.seen;
    return seen?.kind === "observed" && seen.source?.host === node.address;
  };
  return peersOf(cluster, node)
    .map(({ name }) => name)
    .filter((name) => !copies(name));
}
