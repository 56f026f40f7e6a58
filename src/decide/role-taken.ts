import type { Peer, Situation } from "../model/situation.ts";
import type { RoleTaken } from "../model/verdict.ts";
import { isParked, sourcePeer } from "./situation.ts";

/**
 * Another node took the role while this one was the holder. Once, that is the end of a split: a moment later Keepalived knows which of
 * them has the virtual IP. If it happens again, the two don't hear each other's adverts, and would take the role from each
 * other for ever: then this node stays away, each time longer.
 */

const once_s = 2;
const again_s = 20;
const longest_s = 600;
/** After this time without it, it counts as the first time again. */
const forgotten_s = 1200;

export const roleTakenAgain = (before: RoleTaken | undefined, now_s: number): RoleTaken => ({
  times: before && now_s - before.at_s < forgotten_s ? before.times + 1 : 1,
  at_s: now_s,
});

/** For how many seconds this node is unfit after that. */
export const roleTakenHold_s = (taken: RoleTaken | undefined): number =>
  !taken || taken.times <= 1 ? once_s : Math.min(longest_s, again_s * 2 ** (taken.times - 2));

/** The local Redis was the holder's master, and copies from this peer now: a moment ago it was alive, since it took the role. */
export const takenBy = ({ node, peers }: Pick<Situation, "node" | "peers">): Peer | undefined =>
  node.wasMaster === true && node.seen.kind === "observed" && !isParked(node.seen)
    ? sourcePeer(node.seen, { peers })
    : undefined;
