import type { Rejected } from "../model/observation.ts";
import type { Row, Step } from "../model/plan.ts";
import type { Peer, SeenPeer } from "../model/situation.ts";
import {
  type Facts,
  fenceSeconds,
  follow,
  losesNothing,
  makeReplicas,
  otherReplicas,
  persist,
  remedies,
  setUpMaster,
  target,
} from "./facts.ts";
import { complete } from "./may-serve.ts";
import { noMasterRows } from "./no-master.ts";
import { servesOthers } from "./peer-gone.ts";
import { copiesFrom, otherMasters, sourcePeer } from "./situation.ts";
import { isNewer, weStayMaster } from "./who-stays.ts";

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
    // The health check then finds that this node has resigned, and later that the role was taken, and Keepalived moves the virtual IP
    // to the master. To take the role back here would move it twice, and clients would wait for the copy. Resigned first: to keep
    // 56,214 writes took 6 s, in which nobody served (seed 2401 of chaos, round 13).
    when: "the local Redis and another node are both master, and the other one stays master: follow it, and the virtual IP moves there",
    fits: (facts) => facts.ours.role === "master" && masterThatStays(facts) !== undefined,
    plan: (facts) => ({
      steps: [
        { do: "resign", to: target(masterThatStays(facts) as SeenPeer) },
        ...follow(facts, masterThatStays(facts) as SeenPeer, "two masters"),
        { do: "drop-clients" },
        ...persist(facts, facts.node, true),
      ],
    }),
  },
  {
    when: "the local Redis and another node are both master, and the local Redis stays master: keep the role, the other node will follow",
    fits: ({ ours }) => ours.role === "master",
    plan: (facts) => ({ steps: [...demoteOthers(facts), ...setUpMaster(facts)] }),
  },
  {
    // Two nodes have the virtual IP, and the other one has taken the role, or this one has just given way. To take it back would
    // be the beginning of a to and fro.
    when: "the local Redis was master here, and copies from another master now, though the virtual IP has not left: nothing, since the virtual IP moves there",
    fits: (facts) =>
      facts.node.wasMaster === true &&
      !facts.allowDataLoss &&
      otherMasters(facts).some((peer) => copiesFrom(facts.ours, peer)),
    plan: (facts) => ({ steps: persist(facts, facts.node, true) }),
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
  ...noMasterRows,
];

type RejectingPeer = Peer & { seen: Rejected };

function rejectingMaster(facts: Facts): RejectingPeer | undefined {
  const source = facts.ours.source?.link === "up" ? sourcePeer(facts.ours, facts) : undefined;
  return source && servesOthers(source.seen) ? (source as RejectingPeer) : undefined;
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
  return otherMasters(facts).find((peer) => !weStayMaster(facts.ours, { ...facts.node, holdsVip: true }, peer));
}

/** Masters whose role the local replica can take over: the one that it copies from, and those whose writes it all has. */
function handOverMasters(facts: Facts): SeenPeer[] {
  const { ours } = facts;
  const source = ours.source?.link === "up" ? sourcePeer(ours, facts) : undefined;
  if (!complete(ours)) return [];
  return otherMasters(facts).filter(
    (peer) => peer.name === source?.name || (losesNothing(facts, peer) && !isNewer(ours, facts.node, peer)),
  );
}

// A master overrides a replica, whose diverged writes are kept as a dump. But an empty master must not overwrite a replica
// that has data.
const worthFollowing = ({ ours }: Facts, peer: SeenPeer): boolean =>
  complete(ours) || peer.seen.keys > 0 || ours.keys === 0;
