import type { Observed, Rejected } from "../model/observation.ts";
import type { Step, Target } from "../model/plan.ts";
import type { Here, SeenPeer, Situation } from "../model/situation.ts";
import { complete } from "./may-serve.ts";
import { bytesAtStake, copiesFrom, nothingToLose, otherMasters, relationTo, seenPeers } from "./situation.ts";

/** A situation in which our own Redis answered: what nearly every row is about. */
export interface Facts extends Situation {
  node: Here & { seen: Observed };
  ours: Observed;
}

/** What to do about a Redis that lives and lets us not in. */
export const remedies: Readonly<Record<Rejected["why"], string>> = {
  password:
    "correct the file that redis.password_file names (it must hold the server's requirepass or the user's password)",
  permission: "give the user of redis.username the rights listed in docs/redis.md",
  full: "raise maxclients, or find out who keeps so many connections open",
  busy: "a script blocks the server: SCRIPT KILL ends it unless it has written",
};

export const target = ({ name, host, port }: Target): Target => ({ name, host, port });

/** Follow `source`, after a quarantine where that would overwrite writes that only we have. */
export function follow({ node, ours }: Facts, source: SeenPeer, because: string): Step[] {
  const go: Step = { do: "follow", at: target(node), source: target(source) };
  // A master's writes are held back first, so that none slips in between the comparison of histories and its new role.
  const fence: Step[] = ours.role === "master" ? [{ do: "fence", seconds: fenceSeconds }, { do: "confirm" }] : [];
  const keep: Step[] = nothingToLose(ours, source)
    ? []
    : [{ do: "quarantine", source: target(source), because, bytes: bytesAtStake(ours, source) }];
  if (fence.length + keep.length === 0) return [go];
  // Both hold writes back, and a replica that does so doesn't take its master's either (measured on 7.0.15).
  return [...fence, ...keep, go, { do: "unfence" }];
}

/** Longer than any take-over by a peer, and short enough that a fence which nobody lifts is no outage of its own. */
export const fenceSeconds = 15;

/** Another master that has nothing which we lack, while we have more, or anything at all. */
export const weakerMaster = (facts: Facts): SeenPeer | undefined =>
  complete(facts.ours) && facts.ours.keys > 0
    ? otherMasters(facts).find((peer) => losesNothing(facts, peer) && relationTo(facts.ours, peer).kind !== "same")
    : undefined;

/** Nothing that only this peer has would be lost if it followed us. */
export const losesNothing = ({ node, ours }: Facts, peer: SeenPeer): boolean =>
  nothingToLose(peer.seen, { ...node, seen: ours });

/** These peers copy from us from now on: those that don't yet, and lose nothing by it. */
export function repoint(facts: Facts, peers: SeenPeer[]): Step[] {
  const { node } = facts;
  return peers
    .filter(({ seen }) => !seen.loading && !copiesFrom(seen, node))
    .filter((peer) => losesNothing(facts, peer))
    .map((peer) => ({ do: "follow", at: target(peer), source: target(node) }));
}

export const otherReplicas = (facts: Facts): SeenPeer[] =>
  seenPeers(facts).filter(({ seen }) => seen.role === "replica");

/** The replica persists, the master doesn't; a master without a synced replica persists until it has one. */
export function persist({ persistence }: Situation, at: Target, on: boolean): Step[] {
  return persistence === "replica" ? [{ do: "persist", at: target(at), on }] : [];
}

/** A reachable peer whose data set is ours and more, the fullest first. */
export function fresherPeers({ node, ours }: Facts, peers: SeenPeer[]): SeenPeer[] {
  const isFresher = (peer: SeenPeer): boolean => {
    if (!complete(ours)) return peer.seen.keys > 0 || ours.keys === 0;
    const relation = relationTo(ours, peer);
    if (relation.kind === "parted") return relation.theirs > relation.ours;
    if (relation.kind !== "unrelated") return relation.kind === "behind";
    // A dump keeps the last id only, so nodes that start again from dumps of different age may have none in common. The
    // offset goes on over every promotion and copy.
    const further = peer.seen.history.offset > ours.history.offset && peer.seen.keys > 0;
    return heldOn(peer.seen, node) || (further && !heldOn(ours, peer));
  };
  return peers
    .filter((peer) => complete(peer.seen) && isFresher(peer))
    .sort((a, b) => b.seen.history.offset - a.seen.history.offset);
}

/** A replica that copied from this server until it was restarted: it has what was served before. */
const heldOn = (replica: Observed, source: Target & { seen: Observed }): boolean =>
  copiesFrom(replica, source) &&
  replica.source?.downFor_s !== undefined &&
  replica.uptime_s > source.seen.uptime_s &&
  replica.keys > 0;
