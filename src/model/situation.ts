import type { Observation, Observed } from "./observation.ts";

/** All that a decision may look at. Whatever isn't in here can't change a plan. */
export interface Situation {
  node: Here;
  peers: Peer[];
  /** `redis.persistence` of the cluster file. */
  persistence: "unmanaged" | "replica";
  /** Witnesses are named, and we reach neither one of them nor a peer: it may well be us who are cut off. */
  isolated: boolean;
  /** A person said that losing data is better than not serving. */
  allowDataLoss: boolean;
}

export interface Here {
  name: string;
  host: string;
  port: number;
  seen: Observation;
  /** The virtual IP is on this host. */
  holdsVip: boolean;
}

export interface Peer {
  name: string;
  host: string;
  port: number;
  seen: Observation;
}

/** A peer that told us about itself. */
export interface SeenPeer extends Peer {
  seen: Observed;
}
