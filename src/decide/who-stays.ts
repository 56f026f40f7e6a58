import type { Observed } from "../model/observation.ts";
import type { SeenPeer } from "../model/situation.ts";
import { relationTo } from "./situation.ts";

/**
 * Which of two masters stays master: the one with more diverged writes; if both have as many, or none can be counted, the one
 * with the virtual IP. Both nodes decide this for themselves and come to the same answer.
 */
export function weStayMaster(ours: Observed, holdsVip: boolean, peer: SeenPeer): boolean {
  const relation = relationTo(ours, peer);
  switch (relation.kind) {
    case "ahead":
      return true;
    case "behind":
      return false;
    case "diverged":
      return relation.ours === relation.theirs ? holdsVip : relation.ours > relation.theirs;
    case "unrelated":
      if (ours.keys === 0 || peer.seen.keys === 0) return peer.seen.keys === 0 && (ours.keys > 0 || holdsVip);
      return holdsVip;
    case "same":
      return holdsVip;
  }
}
