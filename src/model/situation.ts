import type { Observation, Observed } from "./observation.ts";

/** The input of a decision: nothing else can change a plan. */
export interface Situation {
  node: Here;
  peers: Peer[];
  /** `redis.persistence` of the cluster file. */
  persistence: "unmanaged" | "replica";
  /** Witnesses are configured, and neither a witness nor a peer answers: this node may be cut off from the network. */
  isolated: boolean;
  /** The operator prefers losing data to not serving: --allow-data-loss or failover.allow_data_loss. */
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

/** A peer whose Redis was observed. */
export interface SeenPeer extends Peer {
  seen: Observed;
}
