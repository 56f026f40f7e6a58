import type { Observation } from "./observation.ts";

/** May this node hold the virtual IP? */
export interface Verdict {
  healthy: boolean;
  /** One word, for programs. The monitor logs its changes. */
  cause: string;
  detail: string;
}

/** How often another node took the role from this holder lately, and when it last did, in seconds since boot. */
export interface RoleTaken {
  times: number;
  at_s: number;
}

/** Where the replicas of a master are, kept from one health check to the next. */
export interface ReplicaPosition {
  /** The replication id of the master's history. */
  id: string;
  /** The highest offset of a replica when the last of them stopped acknowledging; undefined while one keeps up. */
  offset?: number | undefined;
  /** Of a master without a backlog: what it took since its last start, as far as the checks have seen it. */
  changes?: SeenChanges | undefined;
}

/** Redis counts its changes since its last snapshot only. */
export interface SeenChanges {
  total: number;
  /** The count of the last check, and the snapshot that it began at (seconds since 1970). */
  count: number;
  savedAt_s: number;
}

/** What the health check knows before it observes the peers. */
export interface HealthFacts {
  seen: Observation;
  holdsVip: boolean;
  /** See Situation. */
  isolated: boolean;
  /** Redis has another run_id than at the last good verdict: its data set has not been compared with that of the peers. */
  restarted: boolean;
  /** A transition is being carried out, so the role of Redis may be about to change. */
  inTransition: boolean;
  /** The local Redis was master at an earlier check, and this node has been the holder ever since. */
  wasMaster: boolean;
  /** The last check found this node unfit. */
  wasUnfit: boolean;
  /** How long a node is unfit after its role was taken, in seconds. */
  roleTakenHold_s: number;
  /** Seconds since this cause was first found; 0 if the last verdict had another one. */
  lasting: (cause: string) => number;
}

/** A soft cause makes this node unfit only if a peer would do better, so the peers must be observed. */
export interface SoftCause {
  soft: string;
  detail: string;
}

/** One row of the health table. The first row that fits gives the verdict, or a soft cause. */
export interface VerdictRow {
  /** The condition and the verdict in one sentence, for docs/decisions.md. */
  when: string;
  fits(facts: HealthFacts): boolean;
  verdict(facts: HealthFacts): Verdict | SoftCause;
}
