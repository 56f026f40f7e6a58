import type { Row } from "../model/plan.ts";
import type { SeenPeer } from "../model/situation.ts";
import { type Facts, follow, persist, target, weakerMaster } from "./facts.ts";
import { isGone } from "./peer-gone.ts";
import { copiesFrom, otherMasters, sourcePeer, stalled } from "./situation.ts";
import { weStayMaster } from "./who-stays.ts";

/**
 * The rows of BACKUP by name: FAULT shares all but the first.
 */
export const backupRows = {
  keepRole: {
    // A starting Keepalived always says BACKUP first: this must not demote the only master.
    when: "we are master and no other node is: keep the role",
    fits: (facts) => facts.ours.role === "master" && otherMasters(facts).length === 0,
    plan: () => ({ steps: [] }),
  },
  stalledCopy: {
    // Told to follow who it follows, Redis does nothing: so it is parked first. The master may have come back with less than
    // it had, and what we have from before that copy is all there is of the rest.
    when: "the copy from the master has stalled: begin it anew",
    fits: (facts) => stalled(facts.ours) && copied(facts) !== undefined,
    plan: (facts) => ({
      steps: [{ do: "park" }, ...follow(facts, copied(facts) as SeenPeer, "its copy of the master stalled")],
    }),
  },
  copying: {
    when: "we copy from the master: nothing to change",
    fits: (facts) => copied(facts) !== undefined,
    plan: (facts) => ({ steps: persist(facts, facts.node, true) }),
  },
  takeOver: {
    // Both nodes came back and the one with the older data was first: the virtual IP comes after the role.
    when: "another node is master, but all that it has we have, and more: take the role over from it",
    fits: (facts) => weakerMaster(facts) !== undefined,
    plan: (facts) => ({ steps: [{ do: "hand-over", from: target(weakerMaster(facts) as SeenPeer) }] }),
  },
  outweighing: {
    // VRRP elects by the claim, which says the same: the virtual IP is on its way here.
    when: "another node is master, but we are, too, and took more writes: keep the role, it will follow us",
    fits: (facts) => otherMasters(facts).length > 0 && otherMasters(facts).every((peer) => outweighs(facts, peer)),
    plan: () => ({ steps: [] }),
  },
  following: {
    when: "another node is master: follow it",
    fits: (facts) => otherMasters(facts).length > 0,
    plan: (facts) => {
      const source = otherMasters(facts).find((peer) => !outweighs(facts, peer)) as SeenPeer;
      return {
        steps: [
          ...follow(facts, source, "our history parted from the master's"),
          ...(facts.ours.role === "master" ? [{ do: "drop-clients" } as const] : []),
          ...persist(facts, facts.node, true),
        ],
      };
    },
  },
  sourceLost: {
    // It may come back with less than we have, and Redis would copy that before any hook could compare.
    when: "the node that we copy from is no master: copy from nobody until histories have been compared",
    fits: (facts) => {
      const source = sourcePeer(facts.ours, facts)?.seen;
      // A copy that goes on proves that it lives, however busy it is; broken off, a full one begins anew.
      if (source === undefined || (isGone(source) && facts.ours.source?.syncing)) return false;
      return isGone(source) || facts.ours.source?.link === "down";
    },
    plan: () => ({ steps: [{ do: "park" }] }),
  },
  waiting: {
    when: "no master answers: keep the data and wait for one",
    fits: () => true,
    plan: () => ({ steps: [] }),
  },
} satisfies Record<string, Row<Facts>>;

/** Keepalived took the virtual IP away, or started: another node's master is to be followed, a lone master stays. */
export const backupTable: readonly Row<Facts>[] = [
  backupRows.keepRole,
  backupRows.stalledCopy,
  backupRows.copying,
  backupRows.takeOver,
  backupRows.outweighing,
  backupRows.following,
  backupRows.sourceLost,
  backupRows.waiting,
];

const copied = (facts: Facts): SeenPeer | undefined => otherMasters(facts).find((peer) => copiesFrom(facts.ours, peer));

// A replica serves nobody, so what it has beyond a serving master goes to quarantine; a master's writes are clients'.
const outweighs = ({ ours, node }: Facts, peer: SeenPeer): boolean =>
  ours.role === "master" && weStayMaster(ours, node.holdsVip, peer);
