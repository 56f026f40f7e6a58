/** The position of a data set in the replication stream, as INFO reports it. Offsets count bytes of that stream. */
export interface History {
  id: string;
  offset: number;
  /** The history before the last promotion (master_replid2), and the last offset that both have in common. */
  previous?: { id: string; until: number } | undefined;
  /** Writes were taken without a replication backlog, and are not counted: see docs/notes/redis.md. */
  uncounted?: true;
}

/**
 * How two histories are related. A promotion gives a data set a new replication id and keeps the offset, so two
 * histories are equal up to the highest offset that both have under the same id (redis.io/docs/management/replication,
 * "Replication ID explained"). PINGs count as bytes, too: a difference may contain no write, but no write is missed.
 */
export type Relation =
  | { kind: "same" }
  /** The local data set has all writes of the other one, and `ours` bytes more. */
  | { kind: "ahead"; ours: number }
  /** The other data set has all writes of the local one, and `theirs` bytes more. */
  | { kind: "behind"; theirs: number }
  /** After offset `at` each has writes that the other one lacks. */
  | { kind: "diverged"; at: number; ours: number; theirs: number }
  /** No common id, or uncounted writes: nothing is known, so all writes of the local data set may be lost. */
  | { kind: "unrelated" };

/** Write commands in a part of a history; a transaction or a script counts as one. */
export interface WriteCount {
  writes: number;
  /** DEL and UNLINK that may be a client's, or the server's own for expired and evicted keys. */
  deletions: number;
}
