import type { Observation, Observed } from "../model/observation.ts";
import type { SeenPeer, Situation } from "../model/situation.ts";
import type { Verdict } from "../model/verdict.ts";
import { compareHistories, contained } from "./history.ts";
import { empty, isParked, keepsUp, otherMasters, positioned, seenPeers, sourcePeer, stalled } from "./situation.ts";
import { weStayMaster } from "./two-masters.ts";

/** What the monitor knows of this node besides its Redis. */
export interface Watch {
  seen: Observation;
  holdsVip: boolean;
  /** See Situation. */
  isolated: boolean;
  /** Redis is another process than at the last good verdict: what it has is not yet compared with what the peers have. */
  restarted: boolean;
  /** A hook is at work: Redis may be between two roles. */
  inTransition: boolean;
  /** For how long the cause of the last verdict has stood. */
  lasting: (cause: string) => number;
}

/** A holder whose Redis is no master gets this long, the time for a hook to be started and to finish. */
const roleGrace_s = 3;
/** A script of an application may run this long before the server counts as blocked (lua-time-limit is 5 s). */
const busyGrace_s = 5;
const linkGrace_s = 2;

const yes = (cause: string, detail = ""): Verdict => ({ healthy: true, cause, detail });
const no = (cause: string, detail: string): Verdict => ({ healthy: false, cause, detail });

/**
 * The verdict as far as this node's own Redis decides it. A *hard* cause fails by itself; for a *soft* one the
 * answer is what it would be called: the peers must be asked whether one of them would do better.
 */
export function ownVerdict(watch: Watch): Verdict | { soft: string; detail: string } {
  const { seen, holdsVip, inTransition, lasting } = watch;
  if (seen.kind === "unreachable") return no(seen.why, seen.detail);
  if (watch.isolated) return no("isolated", "neither a peer nor one of failover.witnesses answers");
  if (seen.kind === "rejected") {
    if (seen.why === "busy" && lasting("busy") >= busyGrace_s) return { soft: "busy", detail: seen.detail };
    // The server lives and serves others: whoever takes the virtual IP away for our own wrong password makes it worse.
    return yes(seen.why, seen.detail);
  }
  if (seen.loading) return { soft: "loading", detail: `loading the data set, about ${seen.loading.eta_s} s to go` };
  // A replica that copies from its master has been put right already.
  if (watch.restarted && (seen.role === "master" || holdsVip)) {
    return { soft: "restarted", detail: `Redis was restarted, it has ${seen.keys} keys now` };
  }
  if (seen.role === "master") {
    if (seen.refusesWrites) return { soft: "refuses-writes", detail: seen.refusesWrites };
    if (!holdsVip) return { soft: "master-without-vip", detail: "a master that is not the holder" };
    return seen.replicas.some(keepsUp) ? yes("master") : { soft: "alone", detail: "" };
  }
  if (holdsVip) {
    const waited = lasting("holder-is-replica");
    if (inTransition || waited < roleGrace_s) return yes("holder-is-replica", "the role should follow within seconds");
    return no("holder-is-no-master", `the holder's Redis has been a replica for ${Math.round(waited)} s`);
  }
  if (stalled(seen)) return { soft: "copy-stalled", detail: linkDetail(seen) };
  if (!positioned(seen) && !isParked(seen)) return { soft: "incomplete", detail: linkDetail(seen) };
  if (seen.source?.link === "up") return yes("replica");
  // A link that broke comes back within two seconds by itself, if at all; a parked server waits for a hook.
  const settled = isParked(seen) || lasting("not-following") > 0 || lasting("link-down") >= linkGrace_s;
  return { soft: settled ? "not-following" : "link-down", detail: linkDetail(seen) };
}

/** A peer answers that could take the virtual IP: without one nobody is asked to give it away. */
export const somebodyCouldServe = (situation: Situation): boolean =>
  seenPeers(situation).some(({ seen }) => positioned(seen));

/** A node that was asked to give the virtual IP away isn't fit, whatever else is well; what isn't well is said first. */
export const drained = (verdict: Verdict, draining: boolean): Verdict =>
  draining && verdict.healthy ? no("draining", "this node was asked to give the virtual IP away") : verdict;

/** The verdict for a soft cause: two failing checks must not leave the virtual IP nowhere. */
export function verdictAmongPeers(cause: string, detail: string, situation: Situation): Verdict {
  const ours = situation.node.seen;
  if (cause === "alone") {
    const [other] = otherMasters(situation);
    return other ? yes("two-masters", `${other.name} is a master, too, and copies from nobody`) : yes("master");
  }
  // A link to a server that came back as no master must not heal by itself: a hook has to compare histories first.
  const soft = cause === "link-down" && sourceIsNoMaster(ours, situation) ? "not-following" : cause;
  const better = seenPeers(situation).find((peer) => wouldDoBetter(soft, ours, situation, peer));
  if (better) return no(soft, `${detail}; ${better.name} would do better`);
  // Nobody can tell whether this data is all there is, so it must not be served by accident.
  if (incomplete(ours) && !newPair(situation)) return no("incomplete", `${detail}; no peer with complete data answers`);
  return yes(soft, `${detail}; no peer would do better`);
}

function sourceIsNoMaster(ours: Observation, situation: Situation): boolean {
  const source = ours.kind === "observed" ? sourcePeer(ours, situation)?.seen : undefined;
  return source?.kind === "observed" && source.role !== "master";
}

const incomplete = (seen: Observation): boolean => seen.kind === "observed" && !seen.loading && !positioned(seen);

function wouldDoBetter(soft: string, ours: Observation, situation: Situation, peer: SeenPeer): boolean {
  const { seen } = peer;
  if (!positioned(seen) || seen.refusesWrites !== undefined) return false;
  if (ours.kind !== "observed") return true;
  const isMaster = otherMasters(situation).some(({ name }) => name === peer.name);
  switch (soft) {
    // What to do about it is decided by notify-fault: it follows the master, or takes over from a weaker one.
    case "not-following":
      return isMaster;
    case "link-down":
      return !weStayMaster(ours, true, peer);
    // What was here before the restart is with the peers, unless ours says that it holds all of theirs.
    case "restarted":
      return seen.keys > 0 && !contained(compareHistories(seen.history, ours.history));
    case "master-without-vip":
      return isMaster && !weStayMaster(ours, false, peer);
    default:
      return isMaster || seen.keys > 0;
  }
}

const newPair = ({ node, peers }: Situation): boolean =>
  node.seen.kind === "observed" &&
  node.seen.keys === 0 &&
  peers.every(({ seen }) => seen.kind === "observed" && empty(seen));

const linkDetail = ({ source, keys }: Observed): string =>
  `replica of ${source?.host}:${source?.port}, link ${source?.link}${source?.syncing ? ", full copy under way" : ""}, ${keys} keys`;
