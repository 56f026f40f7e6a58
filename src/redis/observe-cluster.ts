import { peersOf } from "../cluster/local-node.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import type { Observation } from "../model/observation.ts";
import type { Promotion } from "../model/promotion.ts";
import type { Peer, Situation } from "../model/situation.ts";
import { anyReachable } from "../system/reachable.ts";
import { asParked, keepingAnnounced } from "./keeping.ts";
import { failedObservation, observeSession } from "./observe.ts";
import { observeWrites } from "./observe-writes.ts";
import { endpointOf } from "./session.ts";
import type { RedisContext, Sessions } from "./sessions.ts";

/** What the caller knows already. */
export interface Known {
  holdsVip: boolean;
  allowDataLoss?: boolean;
  /** An observation of the local Redis that was made just now. */
  ours?: Observation;
  isolated?: boolean;
  /** How long the writes of two masters may be counted. Default: `monitor.timeout`. */
  countWithin_ms?: number;
  /** What this node remembers of the promotion of its Redis. Only asked if another node is master, too. */
  promotion?: () => Promotion | undefined;
}

/** Observes the Redis of all nodes at the same time. One that doesn't answer within its deadline is unreachable. Never rejects. */
export async function observeCluster(context: RedisContext, sessions: Sessions, known: Known): Promise<Situation> {
  const { cluster, node } = context;
  const [ours, peers] = await Promise.all([
    known.ours ?? observeNode(context, sessions, node),
    observePeers(context, sessions, peersOf(cluster, node)),
  ]);
  return {
    node: { ...targetOf(cluster, node), seen: ours, holdsVip: known.holdsVip },
    peers: await observeWrites(context, ours, peers, known),
    isolated: known.isolated ?? (await isolated(cluster, peers)),
    persistence: cluster.redis.persistence,
    maxMissing: { seconds: cluster.failover.max_missing_seconds, bytes: cluster.failover.max_missing_bytes },
    allowDataLoss: known.allowDataLoss ?? false,
  };
}

/** Observes the Redis of some peers at the same time. Never rejects. */
export const observePeers = (context: RedisContext, sessions: Sessions, peers: readonly Node[]): Promise<Peer[]> =>
  Promise.all(
    peers.map(async (peer) => ({
      ...targetOf(context.cluster, peer),
      seen: await observeNode(context, sessions, peer),
    })),
  );

/**
 * Observes the Redis of one node. A peer that is master only to keep its writes is a parked replica for all others. A broken session is
 * dropped, so the next observation opens a new one. Never rejects.
 */
export async function observeNode(context: RedisContext, sessions: Sessions, node: Node): Promise<Observation> {
  try {
    const session = await sessions.of(node.name);
    const isPeer = node.name !== context.node.name;
    // Sent in one packet.
    const [seen, keeping] = await Promise.all([
      observeSession(session),
      isPeer && keepingAnnounced(session, context.cluster),
    ]);
    if (seen.kind === "unreachable") sessions.drop(node.name);
    return keeping ? asParked(seen) : seen;
  } catch (error) {
    return failedObservation(endpointOf(context.cluster, node, context.password), error);
  }
}

const targetOf = ({ redis }: Cluster, { name, address }: Node) => ({ name, host: address, port: redis.port });

/** Witnesses are configured, and neither a witness nor a peer answers: this node may be cut off from the network. */
async function isolated({ failover, monitor }: Cluster, peers: Peer[]): Promise<boolean> {
  if (failover.witnesses.length === 0 || peers.some(({ seen }) => seen.kind !== "unreachable")) return false;
  return !(await anyReachable(failover.witnesses, monitor.timeout * 1000));
}
