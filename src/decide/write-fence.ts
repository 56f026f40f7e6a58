import type { Observed, Reachability } from "../model/observation.ts";
import { unseenMasterPossible } from "./peer-gone.ts";

export interface FenceFacts {
  ours: Observed;
  holdsVip: boolean;
  peers: readonly Reachability[];
  /** A peer is master too. */
  otherMaster: boolean;
  /** One of failover.witnesses answers. False if none is configured. */
  witnessed: boolean;
}

type Fence = "on" | "off" | "leave";

/**
 * `failover.elastic_fence`: a master that loses its replica refuses writes (min-replicas-to-write 1) until it is known that no
 * other node can have become master.
 */
export const fenceTable: readonly { when: string; fits(facts: FenceFacts): boolean; fence: Fence }[] = [
  {
    when: "the local Redis is a replica: off, since it must accept writes as soon as it is promoted",
    fits: ({ ours }) => ours.role !== "master",
    fence: "off",
  },
  {
    when: "a replica is connected: on",
    fits: ({ ours }) => ours.replicas.some(({ online }) => online),
    fence: "on",
  },
  {
    when: "this node does not hold the virtual IP, or another node is master too: unchanged, since it is not decided yet which one stays",
    fits: ({ holdsVip, otherMaster }) => !holdsVip || otherMaster,
    fence: "leave",
  },
  {
    when: "no peer is silent, and none is master: off",
    fits: ({ peers }) => !unseenMasterPossible(peers),
    fence: "off",
  },
  {
    when: "a peer is silent, but a witness answers: off",
    fits: ({ witnessed }) => witnessed,
    fence: "off",
  },
  {
    when: "a peer is silent, and this node may be cut off: unchanged",
    fits: () => true,
    fence: "leave",
  },
];

export const writeFence = (facts: FenceFacts): Fence => fenceTable.find(({ fits }) => fits(facts))?.fence ?? "leave";
