import type { History } from "./history.ts";

/** The master that a replica copies from, and the state of the link to it. */
export interface Source {
  host: string;
  port: number;
  link: "up" | "down";
  /** A full synchronization is in progress: the data set of this replica is about to be replaced. */
  syncing: boolean;
  /**
   * Seconds since the link, or a full synchronization, last received anything. The newline counts that a master sends every second while
   * it prepares the RDB.
   */
  silentFor_s?: number | undefined;
  /** The data set is at a known offset of a master's history. False before the first full synchronization and during one. */
  positioned: boolean;
  /** Seconds since the link broke; undefined while it is up, or if it never was up. */
  downFor_s?: number | undefined;
  progress?: { bytes: number; total: number } | undefined;
}

export interface ConnectedReplica {
  host: string;
  port: number;
  online: boolean;
  offset: number;
  /** Seconds since its last REPLCONF ACK; a replica sends one every second. */
  lag_s: number;
}

export interface UnsavedChanges {
  count: number;
  savedAt_s: number;
}

export interface Observed {
  kind: "observed";
  role: "master" | "replica";
  runId: string;
  /** The name and version of the server software. */
  server: "redis" | "valkey";
  version: string;
  uptime_s: number;
  history: History;
  /** The first offset that its replication backlog still has; undefined without a backlog. */
  backlogFrom?: number | undefined;
  /** `min-replicas-to-write` is set: writes are accepted only while replicas are connected. */
  needsReplicas?: true | undefined;
  keys: number;
  /** Writes that it applied since its last snapshot, and when that was (seconds since 1970). A PING is none, but grows the history. */
  unsaved?: UnsavedChanges | undefined;
  /** It has taken no snapshot since its start, so its unsaved changes are all of them. Redis before 7.0 doesn't tell. */
  neverSaved?: true | undefined;
  /** Replicas only. */
  source?: Source | undefined;
  replicas: ConnectedReplica[];
  loading?: { eta_s: number } | undefined;
  /** The text of the MISCONF error: this master refuses writes because a save failed. */
  refusesWrites?: string | undefined;
}

export type UnreachableCause = "refused" | "timeout" | "closed" | "no-route" | "garbage" | "tls";

/** One observation of one Redis: what it reported, or why there is no report. */
export type Observation = Observed | Rejected | Unanswered;

/** It is alive, but answers with an error. */
export interface Rejected {
  kind: "rejected";
  why: "password" | "permission" | "full" | "busy";
  detail: string;
}

/** No answer within the deadline, or an answer that is not from Redis. */
export interface Unanswered {
  kind: "unreachable";
  why: UnreachableCause;
  detail: string;
  /** Its host accepted a new connection, and then no reply came: Redis hangs, and the network does not. */
  hung?: true;
}

/** Whether a peer's Redis answers. `silent`: its host may be down, or the network between the nodes. */
export type Reachability = "answers" | "refused" | "silent";
