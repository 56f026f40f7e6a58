import type { History } from "./history.ts";

/** The server that a replica copies from. */
export interface Source {
  host: string;
  port: number;
  link: "up" | "down";
  /** A full copy is on its way: the data set here is about to be thrown away. */
  syncing: boolean;
  /** Seconds since a full copy last brought anything, were it only the sign of life that a master sends once a second. */
  silentFor_s?: number | undefined;
  /** The data set is a known position of a master's history (false before the first sync and after one that broke). */
  positioned: boolean;
  /** Seconds since the link broke; undefined while it is up, and where it never was. */
  downFor_s?: number | undefined;
  progress?: { bytes: number; total: number } | undefined;
}

export interface ConnectedReplica {
  host: string;
  port: number;
  online: boolean;
  offset: number;
  /** Seconds since it last acknowledged; replicas do so once a second. */
  lag_s: number;
}

export interface Observed {
  kind: "observed";
  role: "master" | "replica";
  runId: string;
  version: string;
  uptime_s: number;
  history: History;
  keys: number;
  /** Set on a replica. */
  source?: Source | undefined;
  replicas: ConnectedReplica[];
  loading?: { eta_s: number } | undefined;
  /** The text of MISCONF: a failed save makes this master refuse writes. */
  refusesWrites?: string | undefined;
}

export type UnreachableCause = "refused" | "timeout" | "closed" | "no-route" | "garbage" | "tls";

/** One reading of one Redis: what it said of itself, or how it failed to. */
export type Observation = Observed | Rejected | Unreached;

/** It lives, but tells us nothing. */
export interface Rejected {
  kind: "rejected";
  why: "password" | "permission" | "full" | "busy";
  detail: string;
}

/** No answer within the deadline, or none that is Redis. */
export interface Unreached {
  kind: "unreachable";
  why: UnreachableCause;
  detail: string;
}

/** How a peer's Redis was last heard of. Silent may be its host's death, or a cut that leaves us alone. */
export type Reachability = "answers" | "refused" | "silent";
