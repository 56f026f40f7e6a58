import type { Observed, Reachability } from "../model/observation.ts";

export interface Surroundings {
  ours: Observed;
  holdsVip: boolean;
  peers: readonly Reachability[];
  /** A peer says that it is master, too. */
  otherMaster: boolean;
  /** One of failover.witnesses answers; false where none is named. */
  witnessed: boolean;
}

/**
 * `failover.elastic_fence`: a master that loses its replica takes no more writes (min-replicas-to-write 1) until it is known
 * that nobody else can have become master. The first row that fits:
 */
export function writeFence({ ours, holdsVip, peers, otherMaster, witnessed }: Surroundings): "on" | "off" | "leave" {
  // A replica takes no writes, and must take them at once when it is promoted.
  if (ours.role !== "master") return "off";
  if (ours.replicas.some(({ online }) => online)) return "on";
  // Of two that met it is not settled which one stays.
  if (!holdsVip || otherMaster) return "leave";
  // Nobody is silent: each peer is in sight, and no master.
  if (!peers.includes("silent")) return "off";
  return witnessed ? "off" : "leave";
}
