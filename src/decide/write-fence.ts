import type { Observed, Reachability } from "../model/observation.ts";
import { mayBeMasterUnseen } from "./peer-gone.ts";

export interface Surroundings {
  ours: Observed;
  holdsVip: boolean;
  peers: readonly Reachability[];
  /** A peer says that it is master, too. */
  otherMaster: boolean;
  /** One of failover.witnesses answers; false where none is named. */
  witnessed: boolean;
}

type Fence = "on" | "off" | "leave";

/**
 * `failover.elastic_fence`: a master that loses its replica takes no more writes (min-replicas-to-write 1) until it is known
 * that nobody else can have become master.
 */
export const fenceTable: readonly { when: string; fits(around: Surroundings): boolean; fence: Fence }[] = [
  {
    when: "our Redis is no master: off, for a replica takes no writes, and must take them at once when it is promoted",
    fits: ({ ours }) => ours.role !== "master",
    fence: "off",
  },
  {
    when: "a replica is connected: on",
    fits: ({ ours }) => ours.replicas.some(({ online }) => online),
    fence: "on",
  },
  {
    when: "the virtual IP is not here, or another node is master, too: as it is, for it is not settled which one stays",
    fits: ({ holdsVip, otherMaster }) => !holdsVip || otherMaster,
    fence: "leave",
  },
  {
    when: "each peer is in sight, and no master: off",
    fits: ({ peers }) => !mayBeMasterUnseen(peers),
    fence: "off",
  },
  {
    when: "a peer is silent, but a witness answers: off",
    fits: ({ witnessed }) => witnessed,
    fence: "off",
  },
  {
    when: "a peer is silent, and it may be us who are cut off: as it is",
    fits: () => true,
    fence: "leave",
  },
];

export const writeFence = (around: Surroundings): Fence =>
  fenceTable.find(({ fits }) => fits(around))?.fence ?? "leave";
