import { type Facts, fenceSeconds, withoutAnswer } from "./facts.ts";
import { backupTable } from "./on-backup.ts";
import { faultTable } from "./on-fault.ts";
import { masterTable } from "./on-master.ts";
import { stopTable } from "./on-stop.ts";
import { firstFit, type Plan, type Row } from "./plan.ts";
import type { Situation } from "./situation.ts";

/** What Keepalived says of this node's part in the cluster. */
export type Transition = "MASTER" | "BACKUP" | "FAULT" | "STOP";

export const tables: Readonly<Record<Transition, readonly Row<Facts>[]>> = {
  MASTER: masterTable,
  BACKUP: backupTable,
  FAULT: faultTable,
  STOP: stopTable,
};

/** The whole decision: what this transition must do in this situation. */
export function decide(transition: Transition, situation: Situation): Plan {
  const { seen } = situation.node;
  const silent = withoutAnswer(situation);
  // A stopping Keepalived leaves no time to wait, and a dead Redis has nothing to do but at a take-over.
  const idle: Plan = { row: silent?.row ?? "", steps: [] };
  if (silent?.again && transition === "STOP") return idle;
  // Its host has taken our words for it: it hears them before any client's. Without that it would serve as a second master
  // until somebody has noticed that it woke.
  const asleep = seen.kind === "unreachable" && seen.why === "timeout";
  if (asleep && (transition === "FAULT" || transition === "BACKUP"))
    return {
      row: "our own Redis hangs: should it wake, it is to hold writes back",
      steps: [{ do: "leave-fence", seconds: fenceSeconds }],
    };
  if (seen.kind === "unreachable" && transition !== "MASTER") return idle;
  if (silent || seen.kind !== "observed") return silent ?? idle;
  return firstFit(tables[transition], { ...situation, node: { ...situation.node, seen }, ours: seen });
}
