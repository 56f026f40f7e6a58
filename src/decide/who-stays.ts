import type { Observed } from "../model/observation.ts";
import type { SeenPeer } from "../model/situation.ts";
import { relationTo } from "./situation.ts";

/**
 * Two masters see each other: which one stays? The one that took the clients' writes since they last agreed, so
 * the one with more bytes of its own; where that can't tell them apart, the one that the clients reach.
 * Both nodes work this out for themselves and come to the same answer.
 */
export function weStayMaster(ours: Observed, holdsVip: boolean, peer: SeenPeer): boolean {
  const relation = relationTo(ours, peer);
  switch (relation.kind) {
    case "ahead":
      return true;
    case "behind":
      return false;
    case "parted":
      return relation.ours === relation.theirs ? holdsVip : relation.ours > relation.theirs;
    case "unrelated":
      if (ours.keys === 0 || peer.seen.keys === 0) return peer.seen.keys === 0 && (ours.keys > 0 || holdsVip);
      return holdsVip;
    case "same":
      return holdsVip;
  }
}
