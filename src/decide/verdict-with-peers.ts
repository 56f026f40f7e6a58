import type { Observation } from "../model/observation.ts";
import type { SeenPeer, Situation } from "../model/situation.ts";
import type { Verdict } from "../model/verdict.ts";
import { compareHistories, contained } from "./history.ts";
import { complete, couldServe, newCluster } from "./may-serve.ts";
import { servesOthers } from "./peer-gone.ts";
import { copiesFrom, otherMasters, seenPeers, sourcePeer } from "./situation.ts";
import { behind } from "./stopped-before.ts";
import { fit, unfit } from "./verdict.ts";
import { weStayMaster } from "./who-stays.ts";

interface Facts extends Situation {
  cause: string;
  detail: string;
}

interface Row {
  when: string;
  fits(facts: Facts): boolean;
  verdict(facts: Facts): Verdict;
}

/** The verdict for a soft cause, after the peers were observed: if two checks failed, no node would hold the virtual IP. */
export const peersTable: readonly Row[] = [
  {
    when: "the link of a replica is silent, and its master answers: fit (`replica`)",
    fits: ({ cause }) => cause === "link-silent",
    verdict: () => fit("replica"),
  },
  {
    // Kept are its writes meanwhile, which may take many seconds, and it holds all new ones back.
    when: "a master without a replica, which has resigned since a peer that is master too stays master: unfit (`two-masters`)",
    fits: (facts) => facts.cause === "alone" && otherMasters(facts).some(({ name }) => name === facts.node.givesWayTo),
    verdict: ({ node }) => unfit("two-masters", `${node.givesWayTo} is master too, and stays master`),
  },
  {
    when: "a master without a replica, and a peer is master too: fit (`two-masters`), and the transition is carried out again",
    fits: (facts) => facts.cause === "alone" && otherMasters(facts).length > 0,
    verdict: (facts) => fit("two-masters", `${otherMasters(facts)[0]?.name} is master too`),
  },
  {
    // Restarted, it would load the snapshot of the time when it was a replica.
    when: 'a master without a replica, and no peer is master, but `redis.persistence = "replica"` has turned its snapshots off: fit (`not-saved`), and the transition is carried out again, which turns them on',
    fits: ({ cause, snapshotsOff }) => cause === "alone" && snapshotsOff === true,
    verdict: () => fit("not-saved", "no replica keeps up, and this master takes no snapshots"),
  },
  {
    when: "a master without a replica, and no peer is master: fit (`master`)",
    fits: ({ cause }) => cause === "alone",
    verdict: () => fit("master"),
  },
  {
    // The same wrong password is rejected everywhere, so what the peer could do is not known; but its own executables may have the right one.
    when: "the local Redis rejects us, and a peer's Redis is alive: unfit",
    fits: ({ node, peers }) =>
      node.seen.kind === "rejected" && node.seen.why !== "busy" && peers.some(({ seen }) => servesOthers(seen)),
    verdict: ({ cause, detail }) => unfit(cause, detail),
  },
  {
    when: "a peer would do better: unfit",
    fits: (facts) => betterPeer(facts) !== undefined,
    verdict: (facts) =>
      unfit(
        facts.cause,
        [facts.detail, facts.linkProblem, `${betterPeer(facts)?.name} would do better`].filter(Boolean).join("; "),
      ),
  },
  {
    // Other nodes may have newer data, so this data set must not be served without a person's decision.
    when: "the local data set is incomplete, and this is not a new cluster: unfit (`incomplete`)",
    fits: (facts) => incomplete(facts.node.seen) && !newCluster(facts),
    verdict: ({ detail }) => unfit("incomplete", `${detail}; no peer with a complete data set answers`),
  },
  {
    when: "the local data set is known to lack more of what was served than `failover.max_missing_seconds` and `max_missing_bytes` allow, or this node stopped while another one could go on serving, which does not answer: unfit (`behind`). Not a master that a peer copies from",
    fits: (facts) => behind(facts) !== undefined && !hasFollower(facts),
    verdict: (facts) => unfit("behind", behind(facts) ?? ""),
  },
  {
    when: "the role was taken, and no other node is master any more: fit (`holder-is-replica`, or `not-following` without the virtual IP), and the transition is carried out again",
    fits: ({ cause }) => cause === "role-taken",
    verdict: ({ node, detail }) => fit(node.holdsVip ? "holder-is-replica" : "not-following", detail),
  },
  {
    when: "no peer would do better: fit",
    fits: () => true,
    verdict: ({ cause, detail }) => fit(cause, `${detail}; no peer would do better`),
  },
];

/**
 * A peer has made it master, by what that one knows of the data that were served, and copies from it. To give the virtual IP away would help
 * nobody: no node waits with better data (6.6 s without a master, seed 2601 of chaos).
 */
const hasFollower = ({ cause, node, peers }: Facts): boolean =>
  cause !== "restarted" &&
  node.seen.kind === "observed" &&
  node.seen.role === "master" &&
  seenPeers({ peers }).some((peer) => copiesFrom(peer.seen, node));

/** By soft cause: when a peer that can serve would do better. For the causes that are not here: if it is master or has data. */
const better: Readonly<Record<string, (facts: Facts, peer: SeenPeer, isMaster: boolean) => boolean>> = {
  // notify-fault decides what to do: it follows the master, or takes the role over from it.
  "not-following": (_, __, isMaster) => isMaster,
  "role-taken": (_, __, isMaster) => isMaster,
  "holder-copies": (_, __, isMaster) => isMaster,
  "link-down": ({ node }, peer) =>
    node.seen.kind === "observed" && !weStayMaster(node.seen, { ...node, holdsVip: true }, peer),
  // The peer has the data from before the restart, unless the local data set has all of the peer's writes.
  restarted: ({ node }, { seen }) =>
    node.seen.kind === "observed" && seen.keys > 0 && !contained(compareHistories(seen.history, node.seen.history)),
  "master-without-vip": ({ node }, peer, isMaster) =>
    isMaster && node.seen.kind === "observed" && !weStayMaster(node.seen, { ...node, holdsVip: false }, peer),
};

function betterPeer(facts: Facts): SeenPeer | undefined {
  const masters = otherMasters(facts);
  return seenPeers(facts).find((peer) => {
    if (!couldServe(peer.seen)) return false;
    if (facts.node.seen.kind !== "observed") return true;
    const isMaster = masters.some(({ name }) => name === peer.name);
    const rule = better[facts.cause];
    return rule ? rule(facts, peer, isMaster) : isMaster || peer.seen.keys > 0;
  });
}

/** The verdict for a soft cause. */
export function verdictWithPeers(cause: string, detail: string, situation: Situation): Verdict {
  const facts = { ...situation, cause: effectiveCause(cause, situation), detail };
  const row = peersTable.find(({ fits }) => fits(facts)) as Row;
  return row.verdict(facts);
}

/** If the source came back but is not master, the link must not simply come up again: a hook has to compare the histories first. */
function effectiveCause(cause: string, situation: Situation): string {
  // From a master that is gone the link is as good as broken.
  const broken = cause === "link-silent" && !copiesFromMaster(situation) ? "link-down" : cause;
  return broken === "link-down" && sourceIsNoMaster(situation) ? "not-following" : broken;
}

const copiesFromMaster = ({ node, ...situation }: Situation): boolean =>
  otherMasters(situation).some((peer) => node.seen.kind === "observed" && copiesFrom(node.seen, peer));

function sourceIsNoMaster({ node, ...situation }: Situation): boolean {
  const source = node.seen.kind === "observed" ? sourcePeer(node.seen, situation)?.seen : undefined;
  return source?.kind === "observed" && source.role !== "master";
}

const incomplete = (seen: Observation): boolean => seen.kind === "observed" && !seen.loading && !complete(seen);
