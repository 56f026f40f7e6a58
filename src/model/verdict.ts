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
}
