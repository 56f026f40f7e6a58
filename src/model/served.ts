import type { History } from "./history.ts";
import type { UnsavedChanges } from "./observation.ts";

/** The newest data that this node has seen served: its own as master, or that of the master that it copied from or saw. */
export interface Served {
  /** The position of the last write that is known: the PINGs after it are no data. */
  history: History;
  /**
   * The ids that this history had before, and the last offset under each, the newest first. Redis remembers one of them and an RDB
   * none, so after two promotions nothing else tells that an old snapshot belongs to this history.
   */
  earlier?: { id: string; until: number }[];
  /** When, in milliseconds since 1970. */
  at_ms: number;
  /** Until when a check has found that nothing was written since; absent if none has. */
  unchangedUntil_ms?: number;
  /** The node that served it. */
  by: string;
  /** The server by which this was seen, and its count of changes then: without a change nothing newer was served. */
  seenAt: { runId: string; unsaved: UnsavedChanges | undefined };
  /** How many keys there were. */
  keys: number;
  /** Since this node stopped: what may have been served elsewhere after that. */
  stopped?: StoppedBefore;
  /** Earlier positions in this history and when they were served, the oldest first: they tell how old a data set is. */
  marks: { offset: number; at_ms: number }[];
}

/** Keepalived of this node stopped while other nodes could go on serving. */
export interface StoppedBefore {
  /** The nodes that had a complete data set then. */
  nodes: string[];
  /** The local Redis at that time, which may go on copying; empty if it did not answer. */
  runId: string;
}

/** What a data set is known to lack of what was served. */
export interface Missing {
  bytes: number;
  /** Infinity: longer than anything that this node remembers. */
  seconds: number;
  by: string;
}

/** `failover.max_missing_seconds` and `failover.max_missing_bytes`. */
export interface MaxMissing {
  seconds: number;
  bytes: number;
}
