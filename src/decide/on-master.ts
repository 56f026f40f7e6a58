import type { Rejected } from "../model/observation.ts";
import type { Row, Step } from "../model/plan.ts";
import type { Peer, SeenPeer } from "../model/situation.ts";
import {
  type Facts,
  fenceSeconds,
  follow,
  fresherPeers,
  losesNothing,
  makeReplicas,
  otherReplicas,
  persist,
  remedies,
  target,
} from "./facts.ts";
import { complete, newCluster } from "./may-serve.ts";
import { servesOthers } from "./peer-gone.ts";
import { otherMasters, seenPeers, sourcePeer } from "./situation.ts";
import { weStayMaster } from "./who-stays.ts";

/** Keepalived gave this node the virtual IP: it must become the only master, and lose no write. */
export const masterTable: readonly Row<Facts>[] = [
  {
    when: "neither a peer nor a witness answers: this node may be cut off, so it promotes nothing and a master holds writes back",
    fits: ({ isolated, allowDataLoss }) => isolated && !allowDataLoss,
    plan: ({ ours, node }) => ({
      steps: ours.role === "master" ? [{ do: "fence", seconds: fenceSeconds }] : [],
      refusal: {
        cause: "no peer and none of failover.witnesses answers",
        remedy: `repair the network, or serve here without the peers: notify-master --allow-data-loss on ${node.name}`,
      },
    }),
  },
  {
    when: "the local Redis is master and no other node is: keep the role",
    fits: ({ ours, ...rest }) => ours.role === "master" && otherMasters(rest).length === 0,
    plan: (facts) => ({ steps: setUpMaster(facts) }),
  },
  {
    when: "the local Redis and another node are both master, and the other one took more writes: copy from it, then take the role over from it",
    fits: (facts) => facts.ours.role === "master" && masterThatStays(facts) !== undefined,
    plan: (facts) => ({
      steps: [...follow(facts, masterThatStays(facts) as SeenPeer, "two masters"), { do: "wait-synced" }],
      again: true,
    }),
  },
  {
    when: "the local Redis and another node are both master, and the other one took no more writes: keep the role, the other node will follow",
    fits: ({ ours }) => ours.role === "master",
    plan: (facts) => ({ steps: [...demoteOthers(facts), ...setUpMaster(facts)] }),
  },
  {
    when: "the local Redis copies from a master, or has all of its writes: take the role over from it",
    fits: (facts) => handOverMasters(facts).length > 0,
    plan: (facts) => {
      const [from] = handOverMasters(facts) as [SeenPeer];
      return {
        steps: [
          { do: "hand-over", from: target(from) },
          ...makeReplicas(facts, otherReplicas(facts)),
          ...persist(facts, from, true),
          ...persist(facts, facts.node, false),
        ],
      };
    },
  },
  {
    when: "another node is master: copy from it, then take the role over from it",
    fits: (facts) => otherMasters(facts).some((peer) => worthFollowing(facts, peer)),
    plan: (facts) => {
      const source = otherMasters(facts).find((peer) => worthFollowing(facts, peer)) as SeenPeer;
      return {
        steps: [...follow(facts, source, "the local history diverged from the master's"), { do: "wait-synced" }],
        again: true,
      };
    },
  },
  {
    // It accepts writes, and can't be demoted: a second master would lose them.
    when: "the master that the local Redis copies from is alive, but rejects our login or our commands: refuse",
    fits: (facts) => !facts.allowDataLoss && rejectingMaster(facts) !== undefined,
    plan: (facts) => {
      const { name, seen } = rejectingMaster(facts) as RejectingPeer;
      return {
        steps: [],
        refusal: {
          cause: `${name} is still master and can't be demoted: ${seen.detail}`,
          remedy: `${remedies[seen.why]}; or stop the Redis of ${name}; or serve here at the same time: notify-master --allow-data-loss on ${facts.node.name}`,
        },
      };
    },
  },
  {
    when: "no master answers, and a peer has newer data: promote that peer, copy from it, then take the role over from it",
    fits: (facts) => fresherPeers(facts, seenPeers(facts)).length > 0,
    plan: (facts) => {
      const [source] = fresherPeers(facts, seenPeers(facts)) as [SeenPeer];
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
    when: "no master answers, and the local data set is complete: promote the local Redis at once",
    fits: ({ ours }) => complete(ours),
    plan: (facts) => ({ steps: [{ do: "promote", at: target(facts.node) }, ...setUpMaster(facts)] }),
  },
  {
    when: "a new cluster (every node answers, none has data): promote the local Redis",
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
        remedy: `start the node that was master last, or serve the data that is here: notify-master --allow-data-loss on ${facts.node.name}`,
      },
    }),
  },
];

type RejectingPeer = Peer & { seen: Rejected };

function rejectingMaster(facts: Facts): RejectingPeer | undefined {
  const source = facts.ours.source?.link === "up" ? sourcePeer(facts.ours, facts) : undefined;
  return source && servesOthers(source.seen) ? (source as RejectingPeer) : undefined;
}

/** The steps of a master besides its promotion: lift a fence, take replicas, set persistence. */
function setUpMaster(facts: Facts) {
  const replicas = facts.ours.replicas.some(({ online }) => online);
  return [
    { do: "unfence" } as const,
    ...makeReplicas(facts, otherReplicas(facts)),
    ...persist(facts, facts.node, !replicas),
  ];
}

/**
 * Takes the role over from other masters that lose no write by it. A master with diverged writes is fenced; its own
 * notify-backup keeps a dump of them and follows.
 */
const demoteOthers = (facts: Facts): Step[] =>
  otherMasters(facts).flatMap((peer): Step[] =>
    losesNothing(facts, peer)
      ? [{ do: "hand-over", from: target(peer) }]
      : [{ do: "fence", seconds: fenceSeconds, at: target(peer) }, { do: "confirm" }],
  );

/** Another master that stays master, while this node must follow it. */
function masterThatStays(facts: Facts): SeenPeer | undefined {
  return otherMasters(facts).find((peer) => !weStayMaster(facts.ours, true, peer));
}

/** Masters whose role the local replica can take over: the one that it copies from, and those whose writes it all has. */
function handOverMasters(facts: Facts): SeenPeer[] {
  const { ours } = facts;
  const source = ours.source?.link === "up" ? sourcePeer(ours, facts) : undefined;
  if (!complete(ours)) return [];
  return otherMasters(facts).filter((peer) => peer.name === source?.name || losesNothing(facts, peer));
}

// A master overrides a replica, whose diverged writes are kept as a dump. But an empty master must not overwrite a replica
// that has data.
const worthFollowing = ({ ours }: Facts, peer: SeenPeer): boolean =>
  complete(ours) || peer.seen.keys > 0 || ours.keys === 0;

const linkDownInWords = ({ ours }: Facts): string =>
  ours.source?.downFor_s === undefined ? "" : `, its link has been down for ${ours.source.downFor_s} s`;

function peersInWords({ peers }: Facts): string {
  return peers
    .map(({ name, seen }) =>
      seen.kind === "observed" ? `${name} has no complete data either` : `${name}: ${seen.detail}`,
    )
    .join("; ");
}
