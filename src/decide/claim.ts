import type { Observed } from "../model/observation.ts";
import type { ReplicaPosition, SeenChanges } from "../model/verdict.ts";
import { keepsUp } from "./situation.ts";

/**
 * The number that a node adds to its VRRP priority. After a split both nodes are holders. When they hear each other again,
 * Keepalived keeps the one with the higher priority, even with `nopreempt`. So a master that no replica keeps up with
 * states by its priority how many bytes it wrote since its replicas stopped: from -100 for none, plus 3 for each doubling, to -1.
 * All other nodes claim 0: a take-over is fast only with a priority near 254.
 */
export function claim({ role, history, unsaved }: Observed, replicas: ReplicaPosition | undefined): number {
  if (role !== "master" || replicas?.offset === undefined) return 0;
  const changes = replicas.changes?.total ?? unsaved?.count ?? 0;
  const bytes = history.uncounted ? changes * bytesOfAChange : history.offset - replicas.offset;
  return Math.min(-1, -100 + Math.floor(Math.log2(1 + Math.max(0, bytes)) * 3));
}

// A master without a backlog has no offset that grows, but it counts its changes since its last snapshot. `SET key value` is 32 bytes and
// what is in it.
const bytesOfAChange = 64;

/** Where the replicas of this master are, by this observation and the result of the last one. */
export function replicaPosition(observed: Observed, before: ReplicaPosition | undefined): ReplicaPosition | undefined {
  const { role, replicas, history } = observed;
  if (role !== "master") return undefined;
  const { id, offset, previous } = history;
  if (replicas.some(keepsUp)) return { id };
  const last = before?.id === id ? before : undefined;
  const changes = seenChanges(observed, last?.changes);
  const known = changes ? { id, changes } : { id };
  if (last?.offset !== undefined) return { ...known, offset: last.offset };
  if (replicas.length > 0) return { ...known, offset: Math.max(...replicas.map((replica) => replica.offset)) };
  // A master that was just promoted shares its history up to the promotion. Otherwise the replica has left since the last check.
  return { ...known, offset: last ? offset : (previous?.until ?? offset) };
}

/** A snapshot sets the count back. What was written between it and the check before it is not known, a second's writes at most. */
function seenChanges({ history, unsaved }: Observed, last: SeenChanges | undefined): SeenChanges | undefined {
  if (!history.uncounted || !unsaved) return undefined;
  const { count, savedAt_s } = unsaved;
  const before = last?.savedAt_s === savedAt_s ? last.count : 0;
  return { total: (last?.total ?? 0) + Math.max(0, count - before), count, savedAt_s };
}
