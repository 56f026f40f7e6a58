import type { Row } from "../model/plan.ts";
import type { SeenPeer } from "../model/situation.ts";
import { type Facts, fenceSeconds, follow, masterWithLess, persist, target } from "./facts.ts";
import { isGone } from "./peer-gone.ts";
import { copiesFrom, otherMasters, sourcePeer, stalled } from "./situation.ts";
import { weStayMaster } from "./who-stays.ts";

/** The rows of BACKUP by name. FAULT uses all but the first. */
export const backupRows = {
  keepRole: {
    // Keepalived always reports BACKUP first when it starts: this must not demote the only master.
    when: "the local Redis is master and no other node is: keep the role",
    fits: (facts) => facts.ours.role === "master" && otherMasters(facts).length === 0,
    plan: () => ({ steps: [] }),
  },
  stalledCopy: {
    // REPLICAOF with the same master does nothing, so the replica is parked first. The quarantine is needed because the master may
    // have come back with fewer writes; then only this replica has the others.
    when: "the copy from the master has stalled: start it again",
    fits: (facts) => stalled(facts.ours) && masterCopied(facts) !== undefined,
    plan: (facts) => ({
      steps: [{ do: "park" }, ...follow(facts, masterCopied(facts) as SeenPeer, "the copy from the master stalled")],
    }),
  },
  copying: {
    // A hand-over that lost its connection after the demotion can't lift its fence, and a replica with paused writes applies none of
    // its master's: it was up to 15 s behind (seen 2 times in 40 moves whose old master hung for 0.8 s).
    when: "the local Redis copies from the master: let it copy",
    fits: (facts) => masterCopied(facts) !== undefined,
    plan: (facts) => ({ steps: [{ do: "unfence" }, ...persist(facts, facts.node, true)] }),
  },
  takeOver: {
    // Both nodes came back, and the one with the older data was first. The virtual IP follows the role.
    when: "another node is master, but the local Redis has all of its writes and more: take the role over from it",
    fits: (facts) => masterWithLess(facts) !== undefined,
    plan: (facts) => ({ steps: [{ do: "hand-over", from: target(masterWithLess(facts) as SeenPeer) }] }),
  },
  keepRoleOfTwo: {
    // The virtual IP comes here as soon as the other node follows. Until then its clients' writes would only be kept as a dump.
    when: "the local Redis and another node are both master, and the local Redis stays master: keep the role, and hold the other one's writes back until it follows",
    fits: (facts) => otherMasters(facts).length > 0 && otherMasters(facts).every((peer) => staysAgainst(facts, peer)),
    plan: (facts) => ({
      steps: otherMasters(facts).map((peer) => ({ do: "fence", seconds: fenceSeconds, at: target(peer) })),
    }),
  },
  following: {
    when: "another node is master: follow it",
    fits: (facts) => otherMasters(facts).length > 0,
    plan: (facts) => {
      const source = otherMasters(facts).find((peer) => !staysAgainst(facts, peer)) as SeenPeer;
      return {
        steps: [
          ...follow(facts, source, "the local history diverged from the master's"),
          ...(facts.ours.role === "master" ? [{ do: "drop-clients" } as const] : []),
          ...persist(facts, facts.node, true),
        ],
      };
    },
  },
  sourceIsNoMaster: {
    // That node may come back with fewer writes, and Redis would copy its data set before a hook could compare the histories.
    when: "the local Redis copies from a node that is not master: park it until the histories have been compared",
    fits: (facts) => {
      const source = sourcePeer(facts.ours, facts)?.seen;
      // A full synchronization that goes on proves that the master is alive; interrupted, it would start again from the beginning.
      if (source === undefined || (isGone(source) && facts.ours.source?.syncing)) return false;
      return isGone(source) || facts.ours.source?.link === "down";
    },
    plan: () => ({ steps: [{ do: "park" }] }),
  },
  waiting: {
    when: "no master answers: keep the data set and wait for a master",
    fits: () => true,
    plan: () => ({ steps: [] }),
  },
} satisfies Record<string, Row<Facts>>;

/** Keepalived removed the virtual IP, or has just started: follow another node that is master; the only master keeps its role. */
export const backupTable: readonly Row<Facts>[] = [
  backupRows.keepRole,
  backupRows.stalledCopy,
  backupRows.copying,
  backupRows.takeOver,
  backupRows.keepRoleOfTwo,
  backupRows.following,
  backupRows.sourceIsNoMaster,
  backupRows.waiting,
];

/** The master that the local Redis copies from. */
const masterCopied = (facts: Facts): SeenPeer | undefined =>
  otherMasters(facts).find((peer) => copiesFrom(facts.ours, peer));

// Only a master took writes from clients. Writes that only a replica has go to quarantine.
const staysAgainst = ({ ours, node }: Facts, peer: SeenPeer): boolean =>
  ours.role === "master" && weStayMaster(ours, node, peer);
