import type { Observed } from "../model/observation.ts";
import type { ReplicaPosition } from "../model/verdict.ts";
import { keepsUp } from "./situation.ts";

/**
 * The number that a node adds to its VRRP priority. After a split both nodes are holders. When they hear each other again,
 * Keepalived keeps the one with the higher priority, even with `nopreempt`. So a master that no replica keeps up with
 * states by its priority how many bytes it wrote since its replicas stopped: from -100 for none, plus 3 for each doubling, to -1.
 * All other nodes claim 0: a take-over is fast only with a priority near 254.
 */
export function claim({ role, history, unsaved }: Observed, replicas: ReplicaPosition | undefined): number {
  if (role !== "master" || replicas?.offset === undefined) return 0;
  const bytes = history.uncounted ? (unsaved?.count ?? 0) * bytesOfAChange : history.offset - replicas.offset;
  return Math.min(-1, -100 + Math.floor(Math.log2(1 + Math.max(0, bytes)) * 3));
}

// A master without a backlog has no offset that grows, but it counts its changes since its last snapshot. `SET key value` is 32 bytes and
// what is in it.
const bytesOfAChange = 64;

/** Where the replicas of this master are, by this observation and the result of the last one. */
export function replicaPosition(
  { role, replicas, history }: Observed,
  before: ReplicaPosition | undefined,
): ReplicaPosition | undefined {
  if (role !== "master") return undefined;
  const { id, offset, previous } = history;
  if (replicas.some(keepsUp)) return { id };
  if (before?.id === id && before.offset !== undefined) return before;
  if (replicas.length > 0) return { id, offset: Math.max(...replicas.map((replica) => replica.offset)) };
  // A master that was just promoted shares its history up to the promotion. Otherwise the replica has left since the last check.
  return { id, offset: before?.id === id ? offset : (previous?.until ?? offset) };
}
