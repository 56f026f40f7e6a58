import type { Rejected } from "../model/observation.ts";
import type { Row, Step } from "../model/plan.ts";
import type { Peer, SeenPeer } from "../model/situation.ts";
import {
  type Facts,
  fenceSeconds,
  follow,
  fresherPeers,
  losesNothing,
  otherReplicas,
  persist,
  remedies,
  repoint,
  target,
} from "./facts.ts";
import { complete, newCluster } from "./may-serve.ts";
import { servesOthers } from "./peer-gone.ts";
import { otherMasters, seenPeers, sourcePeer } from "./situation.ts";
import { weStayMaster } from "./who-stays.ts";

/** Keepalived gave this node the virtual IP: it must end as the one master, and lose no write on the way. */
export const masterTable: readonly Row<Facts>[] = [
  {
    when: "neither a peer nor a witness answers: it may be us who are cut off, so nothing is promoted and no write taken",
    fits: ({ isolated, allowDataLoss }) => isolated && !allowDataLoss,
    plan: ({ ours, node }) => ({
      steps: ours.role === "master" ? [{ do: "fence", seconds: fenceSeconds }] : [],
      refusal: {
        cause: "no peer and none of failover.witnesses answers",
        remedy: `mend the network; to serve here all the same: notify-master --allow-data-loss on ${node.name}`,
      },
    }),
  },
  {
    when: "we are master and no other node is: nothing to change",
    fits: ({ ours, ...rest }) => ours.role === "master" && otherMasters(rest).length === 0,
    plan: (facts) => ({ steps: serve(facts) }),
  },
  {
    when: "another master has writes that we lack, or more of them than we: it serves as source, then hands over to us",
    fits: (facts) => facts.ours.role === "master" && fuller(facts) !== undefined,
    plan: (facts) => ({
      steps: [...follow(facts, fuller(facts) as SeenPeer, "two masters"), { do: "wait-synced" }],
      again: true,
    }),
  },
  {
    when: "we are master, and so is another node that has nothing more than we: we stay, it follows us",
    fits: ({ ours }) => ours.role === "master",
    plan: (facts) => ({ steps: [...disarm(facts), ...serve(facts)] }),
  },
  {
    when: "we are a replica and have all that the master has, or are about to: it hands over to us",
    fits: (facts) => givers(facts).length > 0,
    plan: (facts) => {
      const [from] = givers(facts) as [SeenPeer];
      return {
        steps: [
          { do: "hand-over", from: target(from) },
          ...repoint(facts, otherReplicas(facts)),
          ...persist(facts, from, true),
          ...persist(facts, facts.node, false),
        ],
      };
    },
  },
  {
    when: "we are a replica and another node is master: copy what it has, then it hands over to us",
    fits: (facts) => otherMasters(facts).some((peer) => worthFollowing(facts, peer)),
    plan: (facts) => {
      const source = otherMasters(facts).find((peer) => worthFollowing(facts, peer)) as SeenPeer;
      return { steps: [...follow(facts, source, "its history parted from ours"), { do: "wait-synced" }], again: true };
    },
  },
  {
    // It takes writes that we then lacked, and nobody could tell it to stop.
    when: "the master that we copy from lives, but lets us not in: refuse",
    fits: (facts) => !facts.allowDataLoss && lockedOut(facts) !== undefined,
    plan: (facts) => {
      const { name, seen } = lockedOut(facts) as LockedOut;
      return {
        steps: [],
        refusal: {
          cause: `${name} serves on and can't be told to hand over: ${seen.detail}`,
          remedy: `${remedies[seen.why]}; or end the Redis of ${name}; or serve here beside it: notify-master --allow-data-loss on ${facts.node.name}`,
        },
      };
    },
  },
  {
    when: "we are a replica and a reachable replica has a fresher history: it serves as source, then hands over to us",
    fits: (facts) => fresherPeers(facts, seenPeers(facts)).length > 0,
    plan: (facts) => {
      const [source] = fresherPeers(facts, seenPeers(facts)) as [SeenPeer];
      return {
        steps: [
          { do: "promote", at: target(source) },
          ...follow(facts, source, "it is fresher"),
          { do: "wait-synced" },
        ],
        again: true,
      };
    },
  },
  {
    when: "we are a replica with complete data and no master answers: promote at once",
    fits: ({ ours }) => complete(ours),
    plan: (facts) => ({ steps: [{ do: "promote", at: target(facts.node) }, ...serve(facts)] }),
  },
  {
    when: "a new pair: every node answers and none has any data: promote",
    fits: newCluster,
    plan: (facts) => ({ steps: [{ do: "promote", at: target(facts.node) }, ...serve(facts)] }),
  },
  {
    when: "our data is not known to be complete, but a person said to serve it",
    fits: ({ allowDataLoss }) => allowDataLoss,
    plan: (facts) => ({ steps: [{ do: "promote", at: target(facts.node) }, ...serve(facts)] }),
  },
  {
    when: "our data is not known to be complete and nobody has fresher: refuse",
    fits: () => true,
    plan: (facts) => ({
      steps: [],
      refusal: {
        cause: `${facts.node.name} has ${facts.ours.keys} keys of an unfinished or unknown copy${since(facts)}; ${whyNobody(facts)}`,
        remedy: `start the node that was master last, or serve what is here: notify-master --allow-data-loss on ${facts.node.name}`,
      },
    }),
  },
];

type LockedOut = Peer & { seen: Rejected };

function lockedOut(facts: Facts): LockedOut | undefined {
  const source = facts.ours.source?.link === "up" ? sourcePeer(facts.ours, facts) : undefined;
  return source && servesOthers(source.seen) ? (source as LockedOut) : undefined;
}

/** What a master that stays one has to set right around it. */
function serve(facts: Facts) {
  const replicas = facts.ours.replicas.some(({ online }) => online);
  return [
    { do: "unfence" } as const,
    ...repoint(facts, otherReplicas(facts)),
    ...persist(facts, facts.node, !replicas),
  ];
}

/**
 * Other masters that lose nothing by it hand their role to us. One that has writes of its own keeps a dump of them first, by
 * its own notify-backup; until then it takes no more.
 */
const disarm = (facts: Facts): Step[] =>
  otherMasters(facts).flatMap((peer): Step[] =>
    losesNothing(facts, peer)
      ? [{ do: "hand-over", from: target(peer) }]
      : [{ do: "fence", seconds: fenceSeconds, at: target(peer) }, { do: "confirm" }],
  );

function fuller(facts: Facts): SeenPeer | undefined {
  return otherMasters(facts).find((peer) => !weStayMaster(facts.ours, true, peer));
}

/** Masters that can hand over to us: the one that we copy from, and any that has nothing which we lack. */
function givers(facts: Facts): SeenPeer[] {
  const { ours } = facts;
  const source = ours.source?.link === "up" ? sourcePeer(ours, facts) : undefined;
  if (!complete(ours)) return [];
  return otherMasters(facts).filter((peer) => peer.name === source?.name || losesNothing(facts, peer));
}

// Whoever serves is right against a replica, whose data is kept as a dump where they differ; but an empty master must not
// become the source of one that holds data.
const worthFollowing = ({ ours }: Facts, peer: SeenPeer): boolean =>
  complete(ours) || peer.seen.keys > 0 || ours.keys === 0;

const since = ({ ours }: Facts): string =>
  ours.source?.downFor_s === undefined ? "" : `, its link has been down for ${ours.source.downFor_s} s`;

function whyNobody({ peers }: Facts): string {
  return peers
    .map(({ name, seen }) =>
      seen.kind === "observed" ? `${name} has no complete data either` : `${name}: ${seen.detail}`,
    )
    .join("; ");
}
