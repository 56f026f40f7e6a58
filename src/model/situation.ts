import type { WriteCount } from "./history.ts";
import type { Observation, Observed } from "./observation.ts";
import type { MaxMissing, Served } from "./served.ts";

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
  /** `failover.max_missing_seconds` and `failover.max_missing_bytes`. */
  maxMissing: MaxMissing;
  /** The newest data that this node has seen served. */
  served?: Served | undefined;
  /** `save` of the local Redis is empty. Only read where it matters: `redis.persistence = "replica"`, and a master without a replica. */
  snapshotsOff?: boolean | undefined;
  /** Why the link of the local replica to its master does not come up, where its own settings tell. */
  linkProblem?: string | undefined;
  /** A person or the agent moves the role to this node, so a peer that does not answer is slow, and not gone. */
  planned?: boolean | undefined;
  /** This transition began less than `failover.handover_timeout` ago. */
  begun?: boolean | undefined;
}

export interface Here {
  name: string;
  host: string;
  port: number;
  seen: Observation;
  /** The virtual IP is on this host. */
  holdsVip: boolean;
  /** This node has said that it can't be the holder, and was not made master since. */
  resigned?: boolean | undefined;
  /** It resigned since this other master stays master. */
  givesWayTo?: string | undefined;
  /** The local Redis was master at the last health check, and this node has been the holder ever since. */
  wasMaster?: boolean | undefined;
  /** How long the health check has found a master here, without the virtual IP, and another one that does not follow it; in seconds. */
  disputed_s?: number | undefined;
  /** The replication ids of the history that this node has seen served last. */
  servedIds?: string[] | undefined;
}

export interface Peer {
  name: string;
  host: string;
  port: number;
  seen: Observation;
  /** It had resigned before the local Redis was promoted. */
  resigned?: boolean | undefined;
  /** The write commands that each has taken since the two histories parted. Only if both are masters and both counts could be read. */
  written?: { ours: WriteCount; theirs: WriteCount } | undefined;
}

/** A peer whose Redis was observed. */
export interface SeenPeer extends Peer {
  seen: Observed;
}
