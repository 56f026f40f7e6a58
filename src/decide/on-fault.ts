import type { Row } from "../model/plan.ts";
import { type Facts, fenceSeconds, persist } from "./facts.ts";
import { backupRows } from "./on-backup.ts";
import { otherMasters } from "./situation.ts";

const keepRoleUnfit =
  "the local Redis and another node are both master, and the local Redis stays master: keep the role, the other node will follow";

/** This node is in FAULT: as BACKUP if a peer is master; otherwise only a fence, which ends by itself. */
export const faultTable: readonly Row<Facts>[] = [
  {
    when: "the local Redis is master and no other node is: hold writes back until a peer has taken over",
    fits: (facts) => facts.ours.role === "master" && otherMasters(facts).length === 0,
    plan: () => ({ steps: [{ do: "fence", seconds: fenceSeconds }] }),
  },
  backupRows.stalledCopy,
  // A hand-over may be at work, and ends this node's connections: BACKUP follows, and lifts what is left then.
  { ...backupRows.copying, plan: (facts) => ({ steps: persist(facts, facts.node, true) }) },
  backupRows.takeOver,
  // This node can't serve, so it must not hold the other one's writes back.
  { ...backupRows.keepRoleOfTwo, when: keepRoleUnfit, plan: () => ({ steps: [] }) },
  backupRows.following,
  backupRows.sourceIsNoMaster,
  backupRows.waiting,
];
