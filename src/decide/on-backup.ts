import { type Facts, follow, persist } from "./facts.ts";
import type { Row } from "./plan.ts";
import { copiesFrom, otherMasters, type SeenPeer } from "./situation.ts";
import { weStay } from "./two-masters.ts";

/** Keepalived took the virtual IP away, or started: another node's master is to be followed, a lone master stays. */
export const backupTable: readonly Row<Facts>[] = [
  {
    // A starting Keepalived always says BACKUP first: this must not demote the only master.
    when: "we are master and no other node is: keep the role",
    fits: (facts) => facts.ours.role === "master" && otherMasters(facts).length === 0,
    plan: () => ({ steps: [] }),
  },
  {
    when: "another node is master, but we have more writes than it: keep them, it will copy from us and then take over",
    fits: (facts) => stronger(facts) === undefined && otherMasters(facts).length > 0,
    plan: () => ({ steps: [] }),
  },
  {
    when: "we copy from the master: nothing to change",
    fits: (facts) => facts.ours.role === "replica" && otherMasters(facts).some((peer) => copiesFrom(facts.ours, peer)),
    plan: (facts) => ({ steps: persist(facts, facts.node, true) }),
  },
  {
    when: "another node is master: follow it",
    fits: (facts) => stronger(facts) !== undefined,
    plan: (facts) => {
      const wasMaster = facts.ours.role === "master";
      return {
        steps: [
          // No write may slip in between the comparison of histories and the change of role.
          ...(wasMaster ? [{ do: "fence", seconds: 10 } as const] : []),
          ...follow(facts, stronger(facts) as SeenPeer, "our history parted from the master's"),
          ...(wasMaster ? [{ do: "drop-clients" } as const, { do: "unfence" } as const] : []),
          ...persist(facts, facts.node, true),
        ],
      };
    },
  },
  {
    when: "no master answers: keep the data and wait for one",
    fits: () => true,
    plan: () => ({ steps: [] }),
  },
];

// A replica never outweighs a master that it copies from, whatever the last PING moved.
function stronger(facts: Facts): SeenPeer | undefined {
  const { ours, node } = facts;
  return otherMasters(facts).find(
    (peer) => (ours.role === "replica" && copiesFrom(ours, peer)) || !weStay(ours, node.holdsVip, peer),
  );
}
