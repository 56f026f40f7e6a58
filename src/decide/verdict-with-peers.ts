import type { Observation } from "../model/observation.ts";
import type { SeenPeer, Situation } from "../model/situation.ts";
import type { Verdict } from "../model/verdict.ts";
import { compareHistories, contained } from "./history.ts";
import { complete, couldServe, newCluster } from "./may-serve.ts";
import { otherMasters, seenPeers, sourcePeer } from "./situation.ts";
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

/** A soft cause, and the peers were asked: two failing checks must not leave the virtual IP nowhere. */
export const peersTable: readonly Row[] = [
  {
    when: "a master alone, and a peer is master, too: fit, and repaired (`two-masters`)",
    fits: (facts) => facts.cause === "alone" && otherMasters(facts).length > 0,
    verdict: (facts) => fit("two-masters", `${otherMasters(facts)[0]?.name} is a master, too, and copies from nobody`),
  },
  {
    when: "a master alone: fit (`master`)",
    fits: ({ cause }) => cause === "alone",
    verdict: () => fit("master"),
  },
  {
    when: "a peer would do better: unfit",
    fits: (facts) => betterPeer(facts) !== undefined,
    verdict: (facts) => unfit(facts.cause, `${facts.detail}; ${betterPeer(facts)?.name} would do better`),
  },
  {
    // Nobody can tell whether this data is all there is, so it must not be served by accident.
    when: "our data set is not complete, and this is no new cluster: unfit (`incomplete`)",
    fits: (facts) => incomplete(facts.node.seen) && !newCluster(facts),
    verdict: ({ detail }) => unfit("incomplete", `${detail}; no peer with complete data answers`),
  },
  {
    when: "no peer would do better: fit",
    fits: () => true,
    verdict: ({ cause, detail }) => fit(cause, `${detail}; no peer would do better`),
  },
];

/** When a peer that could serve would do better, by soft cause; any other cause: it is master, or has data. */
const better: Readonly<Record<string, (facts: Facts, peer: SeenPeer, isMaster: boolean) => boolean>> = {
  // What to do about it is decided by notify-fault: it follows the master, or takes over from a weaker one.
  "not-following": (_, __, isMaster) => isMaster,
  "link-down": ({ node }, peer) => node.seen.kind === "observed" && !weStayMaster(node.seen, true, peer),
  // What was here before the restart is with the peers, unless ours says that it holds all of theirs.
  restarted: ({ node }, { seen }) =>
    node.seen.kind === "observed" && seen.keys > 0 && !contained(compareHistories(seen.history, node.seen.history)),
  "master-without-vip": ({ node }, peer, isMaster) =>
    isMaster && node.seen.kind === "observed" && !weStayMaster(node.seen, false, peer),
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
export function verdictAmongPeers(cause: string, detail: string, situation: Situation): Verdict {
  const facts = { ...situation, cause: hardened(cause, situation), detail };
  const row = peersTable.find(({ fits }) => fits(facts)) as Row;
  return row.verdict(facts);
}

/** A link to a server that came back as no master must not heal by itself: a hook has to compare histories first. */
const hardened = (cause: string, situation: Situation): string =>
  cause === "link-down" && sourceIsNoMaster(situation) ? "not-following" : cause;

function sourceIsNoMaster({ node, ...situation }: Situation): boolean {
  const source = node.seen.kind === "observed" ? sourcePeer(node.seen, { node, ...situation })?.seen : undefined;
  return source?.kind === "observed" && source.role !== "master";
}

const incomplete = (seen: Observation): boolean => seen.kind === "observed" && !seen.loading && !complete(seen);
