import type { Row } from "../model/plan.ts";
import { type Facts, fenceSeconds } from "./facts.ts";
import { backupRows } from "./on-backup.ts";
import { otherMasters } from "./situation.ts";

/** Keepalived found this node unfit: as BACKUP where a peer is master, else nothing but a fence that ends by itself. */
export const faultTable: readonly Row<Facts>[] = [
  {
    when: "we are master and no other node is: hold writes back until a peer has taken over",
    fits: (facts) => facts.ours.role === "master" && otherMasters(facts).length === 0,
    plan: () => ({ steps: [{ do: "fence", seconds: fenceSeconds }] }),
  },
  backupRows.stalledCopy,
  backupRows.copying,
  backupRows.takeOver,
  backupRows.outweighing,
  backupRows.following,
  backupRows.sourceLost,
  backupRows.waiting,
];
