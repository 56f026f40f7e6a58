import type { Row } from "../model/plan.ts";
import type { SeenPeer } from "../model/situation.ts";
import { type Facts, fenceSilent, follow, fresherPeers, setUpMaster, target } from "./facts.ts";
import { complete, newCluster } from "./may-serve.ts";
import { mayBeSlow } from "./peer-gone.ts";
import { takenBy } from "./role-taken.ts";
import { tooOld } from "./served.ts";
import { seenPeers } from "./situation.ts";
import { behind } from "./stopped-before.ts";

/** The last rows of MASTER: this node has the virtual IP, and no master answers. Whose data are served? */
export const noMasterRows: readonly Row<Facts>[] = [
  {
    // It may still be master, and take writes. When it answers again, the role is taken over from it.
    when: "a planned move, and a peer does not answer: wait for it, `failover.handover_timeout` at most",
    fits: (facts) => facts.planned === true && !facts.allowDataLoss && facts.peers.some(({ seen }) => mayBeSlow(seen)),
    plan: () => ({ steps: [{ do: "wait-answer" }], again: true }),
  },
  {
    // It does so within a moment, and a second promotion would move the role twice (seen once in eight cuts of the lab, as they healed).
    when: "another node has just taken the role from here, and does not answer yet: wait for it, `failover.handover_timeout` at most",
    fits: (facts) => {
      const taker = takenBy(facts);
      return facts.begun === true && !facts.allowDataLoss && taker !== undefined && mayBeSlow(taker.seen);
    },
    plan: () => ({ steps: [{ do: "wait-answer" }], again: true }),
  },
  {
    when: "no master answers, and a peer has newer data, current enough: promote that peer, copy from it, then take the role over from it",
    fits: (facts) => servablePeers(facts).length > 0,
    plan: (facts) => {
      const [source] = servablePeers(facts) as [SeenPeer];
      return {
        steps: [
          { do: "promote", at: target(source) },
          ...follow(facts, source, "it has newer data"),
          { do: "wait-synced" },
        ],
        again: true,
      };
    },
  },
  {
    when: "no master answers, and the local data set is known to lack more of what was served than `failover.max_missing_seconds` and `max_missing_bytes` allow, or this node stopped while another one could go on serving, which does not answer: refuse",
    fits: (facts) => complete(facts.ours) && behind(facts) !== undefined,
    plan: (facts) => ({
      steps: [],
      refusal: {
        cause: `${behind(facts)}; ${peersInWords(facts)}`,
        remedy: `start the node that served last, or serve the older data that is here: notify-master --allow-data-loss on ${facts.node.name}`,
      },
    }),
  },
  {
    when: "no master answers, and the local data set is complete: promote the local Redis at once, and have a silent peer hold writes back when it resumes",
    fits: ({ ours }) => complete(ours),
    plan: (facts) => ({
      steps: [{ do: "promote", at: target(facts.node) }, ...setUpMaster(facts), ...fenceSilent(facts)],
    }),
  },
  {
    when: "a new cluster (every node answers, none has data, and this node has never seen any served): promote the local Redis",
    fits: newCluster,
    plan: (facts) => ({ steps: [{ do: "promote", at: target(facts.node) }, ...setUpMaster(facts)] }),
  },
  {
    when: "the local data set may be incomplete, but data loss is allowed: promote the local Redis",
    fits: ({ allowDataLoss }) => allowDataLoss,
    plan: (facts) => ({ steps: [{ do: "promote", at: target(facts.node) }, ...setUpMaster(facts)] }),
  },
  {
    when: "the local data set may be incomplete, and no peer has newer data: refuse",
    fits: () => true,
    plan: (facts) => ({
      steps: [],
      refusal: {
        cause: `${facts.node.name} has ${facts.ours.keys} keys of an incomplete or unknown copy${linkDownInWords(facts)}; ${peersInWords(facts)}`,
        remedy: `start the node that was master last, or adopt the data that is here: init --adopt on ${facts.node.name}, or notify-master --allow-data-loss there if init did not set it up`,
      },
    }),
  },
];

/** Peers with newer data that may be served. */
const servablePeers = (facts: Facts): SeenPeer[] =>
  fresherPeers(facts, seenPeers(facts)).filter(
    ({ seen }) => facts.allowDataLoss || !tooOld(seen, facts.served, facts.maxMissing),
  );

const linkDownInWords = ({ ours }: Facts): string =>
  ours.source?.downFor_s === undefined ? "" : `, its link has been down for ${ours.source.downFor_s} s`;

function peersInWords({ peers }: Facts): string {
  return peers
    .map(({ name, seen }) =>
      seen.kind === "observed" ? `${name} has no newer data either` : `${name}: ${seen.detail}`,
    )
    .join("; ");
}
