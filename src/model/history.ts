/** What INFO says of one server, typed. Field names and their meaning: redis.io/commands/info, measured on 7.0.15. */

/** Where a data set stands in the stream of writes. Offsets count bytes of that stream. */
export interface History {
  id: string;
  offset: number;
  /** The history that this one grew out of at a promotion, and the last offset the two have in common. */
  previous?: { id: string; until: number } | undefined;
  /**
   * The offset says nothing: a master without a backlog doesn't count its writes (measured on 7.0.15: one that started
   * as a replica and was promoted before it had one; and any whose last replica left an hour ago, repl-backlog-ttl).
   */
  uncounted?: true;
}

/**
 * How two data sets are related, from their places in the stream of writes. A promotion gives a data set a new
 * replication id and keeps the offset, so two histories share everything up to the furthest point that both have
 * under one id (redis.io/docs/management/replication, "Replication ID explained"). Bytes of PINGs count, too: a
 * difference may hold no write at all, never the other way round.
 */
export type Relation =
  | { kind: "same" }
  /** Ours holds all of theirs and `ours` bytes more. */
  | { kind: "ahead"; ours: number }
  /** Theirs holds all of ours and `theirs` bytes more. */
  | { kind: "behind"; theirs: number }
  /** Both went on by themselves after offset `at`. */
  | { kind: "parted"; at: number; ours: number; theirs: number }
  /** No id in common, or writes that nobody counted: nothing can be said, so everything is at stake. */
  | { kind: "unrelated" };
