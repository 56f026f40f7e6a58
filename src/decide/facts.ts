import type { Observed, Rejected } from "../model/observation.ts";
import type { Step, Target } from "../model/plan.ts";
import type { Here, SeenPeer, Situation } from "../model/situation.ts";
import { complete } from "./may-serve.ts";
import { mayBeSlow } from "./peer-gone.ts";
import { bytesAtStake, copiesFrom, keepsUp, nothingToLose, otherMasters, relationTo, seenPeers } from "./situation.ts";
import { isNewer } from "./who-stays.ts";

/** A situation in which the local Redis answered. Nearly all rows are about one. */
export interface Facts extends Situation {
  node: Here & { seen: Observed };
  ours: Observed;
}

/** What the operator can do about a Redis that is alive, but answers with an error. */
export const remedies: Readonly<Record<Rejected["why"], string>> = {
  password:
    "correct the file that redis.password_file names (it must hold the server's requirepass or the user's password)",
  permission: "give the user of redis.username the rights listed in docs/redis.md",
  full: "raise maxclients, or find out which clients keep so many connections open",
  busy: "a script blocks the server: SCRIPT KILL ends the script unless it has written",
};

export const target = ({ name, host, port }: Target): Target => ({ name, host, port });

/** Follow `source`. A quarantine comes first if that would overwrite writes that only the local Redis has. */
export function follow({ node, ours }: Pick<Facts, "node" | "ours">, source: SeenPeer, because: string): Step[] {
  const go: Step = { do: "follow", at: target(node), source: target(source) };
  // A master is fenced first: otherwise a write could come after the histories are compared, and would be lost.
  const fence: Step[] = ours.role === "master" ? [{ do: "fence", seconds: fenceSeconds }, { do: "confirm" }] : [];
  const keep: Step[] = nothingToLose(ours, source)
    ? []
    : [{ do: "quarantine", source: target(source), because, bytes: bytesAtStake(ours, source) }];
  if (fence.length + keep.length === 0) return [go];
  // Both hold writes back. A replica with paused writes does not apply its master's writes either (measured on 7.0.15).
  // A transition of ours that was superseded may have held the writes of the other master back.
  const release: Step[] = ours.role === "master" ? [{ do: "unfence", at: target(source) }] : [];
  return [...fence, ...keep, go, { do: "unfence" }, ...release];
}

/** Longer than any take-over by a peer, and short enough to limit the outage if nobody lifts the fence. */
export const fenceSeconds = 15;

// A check of that node, a repair, and a hook: 1.3 s on two busy cores (measured).
const resumeFenceSeconds = 5;

/**
 * A master that stood still with its whole host takes writes as soon as it goes on, and has the virtual IP until its next check. Where its
 * kernel lives, it finds the fence before it reads what its clients send then.
 */
export const fenceSilent = ({ peers }: Situation): Step[] =>
  peers
    .filter(({ seen }) => mayBeSlow(seen))
    .map((peer) => ({ do: "fence-on-resume", at: target(peer), seconds: resumeFenceSeconds }));

/** Another master whose writes the local Redis all has, while the local Redis has more. */
export const masterWithLess = (facts: Facts): SeenPeer | undefined =>
  complete(facts.ours) && facts.ours.keys > 0
    ? otherMasters(facts).find(
        (peer) =>
          losesNothing(facts, peer) &&
          relationTo(facts.ours, peer).kind !== "same" &&
          !isNewer(facts.ours, facts.node, peer),
      )
    : undefined;

/** If this peer followed the local Redis, no write would be lost. */
export const losesNothing = ({ node, ours }: Facts, peer: SeenPeer): boolean =>
  nothingToLose(peer.seen, { ...node, seen: ours });

/** Makes these peers replicas of the local Redis: those that are not yet, and that lose no write by it. */
export function makeReplicas(facts: Facts, peers: SeenPeer[]): Step[] {
  const { node } = facts;
  return peers
    .filter(({ seen }) => !seen.loading && !copiesFrom(seen, node))
    .filter((peer) => losesNothing(facts, peer))
    .map((peer) => ({ do: "follow", at: target(peer), source: target(node) }));
}

export const otherReplicas = (facts: Facts): SeenPeer[] =>
  seenPeers(facts).filter(({ seen }) => seen.role === "replica");

/** `redis.persistence = "replica"`: the replica persists; the master persists only while it has no replica in sync. */
export function persist({ persistence }: Situation, at: Target, on: boolean): Step[] {
  return persistence === "replica" ? [{ do: "persist", at: target(at), on }] : [];
}

/** The steps of a master besides its promotion: lift a fence, take replicas, set persistence. */
export function setUpMaster(facts: Facts) {
  const replicas = facts.ours.replicas.some(keepsUp);
  return [
    { do: "unfence" } as const,
    ...makeReplicas(facts, otherReplicas(facts)),
    ...persist(facts, facts.node, !replicas),
  ];
}

/** Peers with newer data than the local Redis, the newest first. The order of promotions comes before that of bytes. */
export function fresherPeers({ node, ours }: Facts, peers: SeenPeer[]): SeenPeer[] {
  const isFresher = (peer: SeenPeer): boolean => {
    if (!complete(ours)) return peer.seen.keys > 0 || ours.keys === 0;
    if (isNewer(ours, node, peer)) return true;
    if (isNewer(peer.seen, peer, { ...node, seen: ours })) return false;
    const relation = relationTo(ours, peer);
    if (relation.kind === "diverged") return relation.theirs > relation.ours;
    if (relation.kind !== "unrelated") return relation.kind === "behind";
    // An RDB keeps only the last replication id, so nodes that were restarted from older and newer RDBs may have no common id.
    // The offset grows over all promotions and copies.
    const higherOffset = peer.seen.history.offset > ours.history.offset && peer.seen.keys > 0;
    return copiedUntilRestart(peer.seen, node) || (higherOffset && !copiedUntilRestart(ours, peer));
  };
  return peers
    .filter((peer) => complete(peer.seen) && isFresher(peer))
    .sort((a, b) => b.seen.history.offset - a.seen.history.offset);
}

/** This replica copied from `source` until that server was restarted, so it has the data from before the restart. */
const copiedUntilRestart = (replica: Observed, source: Target & { seen: Observed }): boolean =>
  copiesFrom(replica, source) &&
  replica.source?.downFor_s !== undefined &&
  replica.uptime_s > source.seen.uptime_s &&
  replica.keys > 0;
