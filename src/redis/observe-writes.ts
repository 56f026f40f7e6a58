import type { Cluster } from "../cluster/schema.ts";
import { countedFrom } from "../decide/parting.ts";
import type { WriteCount } from "../model/history.ts";
import type { Observation, Observed } from "../model/observation.ts";
import type { Promotion } from "../model/promotion.ts";
import type { Peer } from "../model/situation.ts";
import { countWrites } from "./read-tail.ts";
import { endpointOf } from "./session.ts";

interface Context {
  cluster: Cluster;
  node: Cluster["nodes"][number];
  password: string | undefined;
}

/** What the caller of `observeWrites` knows. */
export interface Counting {
  /** Default: `monitor.timeout`. */
  countWithin_ms?: number | undefined;
  promotion?: () => Promotion | undefined;
}

/**
 * If the local Redis and a peer are both master: how many write commands each of them has taken since their histories parted. Left
 * out if one of the two can't be read within this time. Never rejects.
 */
export const observeWrites = (
  context: Context,
  ours: Observation,
  peers: readonly Peer[],
  counting: Counting = {},
): Promise<Peer[]> =>
  Promise.all(
    peers.map(async (peer) => {
      if (!isMaster(ours) || !isMaster(peer.seen)) return peer;
      const written = await count(context, ours, { name: peer.name, seen: peer.seen }, counting).catch(() => undefined);
      return written ? { ...peer, written } : peer;
    }),
  );

const isMaster = (seen: Observation): seen is Observed =>
  seen.kind === "observed" && seen.role === "master" && !seen.loading;

async function count(
  context: Context,
  ours: Observed,
  peer: { name: string; seen: Observed },
  { countWithin_ms, promotion }: Counting,
): Promise<Peer["written"] | undefined> {
  const from = countedFrom(ours.history, peer.seen.history, peer.name, promotion?.());
  if (from === undefined) return undefined;
  const [mine, theirs] = await Promise.all([
    countAt(context, context.node.name, ours, from.ours, countWithin_ms),
    countAt(context, peer.name, peer.seen, from.theirs, countWithin_ms),
  ]);
  return { ours: mine, theirs };
}

/**
 * How many write commands a master has taken after this offset; without a replication backlog, how many changes since its start.
 * Rejects if it no longer has them: asked for such bytes a server would begin a full copy.
 */
export async function countAt(
  { cluster, password }: Context,
  name: string,
  { history, backlogFrom, needsReplicas, unsaved, neverSaved }: Observed,
  at: number,
  within_ms = cluster.monitor.timeout * 1000,
): Promise<WriteCount> {
  // It was started from a snapshot and has copied nothing since, so all its changes are its clients'. A later snapshot sets the count back:
  // of 48,343 writes it had the last second's (seed 2921 of chaos, round 90). Its own checks add them up, for its VRRP priority.
  if (history.uncounted && unsaved && neverSaved) return { writes: unsaved.count, deletions: 0 };
  const node = cluster.nodes.find((one) => one.name === name);
  // The connection counts as a replica: an elastic fence would let writes through (17 ms of them, measured).
  if (needsReplicas) throw new Error("min-replicas-to-write is set");
  if (!node || backlogFrom === undefined || backlogFrom > at + 1) throw new Error("not in the backlog");
  const tail = { id: history.id, after: at, until: history.offset };
  return countWrites(endpointOf(cluster, node, password), tail, within_ms);
}
