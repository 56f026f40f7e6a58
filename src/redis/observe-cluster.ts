import { peersOf } from "../cluster/local-node.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import type { Observation } from "../model/observation.ts";
import type { Peer, Situation } from "../model/situation.ts";
import { anyReachable } from "../system/reachable.ts";
import { failedObservation, observeSession } from "./observe.ts";
import { endpointOf } from "./session.ts";
import type { RedisContext, Sessions } from "./sessions.ts";

/** What the caller knows already, so that it is not asked for again. */
export interface Known {
  holdsVip: boolean;
  allowDataLoss?: boolean;
  /** A reading of our own Redis that was made a moment ago. */
  ours?: Observation;
  isolated?: boolean;
}

/** Reads every node's Redis at the same time; each answers within its deadline or counts as silent. Never rejects. */
export async function observeCluster(context: RedisContext, sessions: Sessions, known: Known): Promise<Situation> {
  const { cluster, node } = context;
  const [ours, peers] = await Promise.all([
    known.ours ?? observeNode(context, sessions, node),
    observePeers(context, sessions, peersOf(cluster, node)),
  ]);
  return {
    node: { ...placeOf(cluster, node), seen: ours, holdsVip: known.holdsVip },
    peers,
    isolated: known.isolated ?? (await isolated(cluster, peers)),
    persistence: cluster.redis.persistence,
    allowDataLoss: known.allowDataLoss ?? false,
  };
}

/** Reads the Redis of some peers at the same time. Never rejects. */
export const observePeers = (context: RedisContext, sessions: Sessions, peers: readonly Node[]): Promise<Peer[]> =>
  Promise.all(
    peers.map(async (peer) => ({
      ...placeOf(context.cluster, peer),
      seen: await observeNode(context, sessions, peer),
    })),
  );

/** Reads the Redis of one node; a session that broke is dropped, so that the next reading opens another. Never rejects. */
export async function observeNode(context: RedisContext, sessions: Sessions, node: Node): Promise<Observation> {
  try {
    const seen = await observeSession(await sessions.of(node.name));
    if (seen.kind === "unreachable") sessions.drop(node.name);
    return seen;
  } catch (error) {
    return failedObservation(endpointOf(context.cluster, node, context.password), error);
  }
}

const placeOf = ({ redis }: Cluster, { name, address }: Node) => ({ name, host: address, port: redis.port });

/** With witnesses: neither a peer nor a witness answers, so it may be this node that is cut off. */
async function isolated({ failover, monitor }: Cluster, peers: Peer[]): Promise<boolean> {
  if (failover.witnesses.length === 0 || peers.some(({ seen }) => seen.kind !== "unreachable")) return false;
  return !(await anyReachable(failover.witnesses, monitor.timeout * 1000));
}
