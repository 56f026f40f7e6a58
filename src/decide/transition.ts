import type { Plan, Row } from "../model/plan.ts";
import type { Situation } from "../model/situation.ts";
import type { Transition } from "../model/transition.ts";
import { type Facts, withoutAnswer } from "./facts.ts";
import { backupTable } from "./on-backup.ts";
import { faultTable } from "./on-fault.ts";
import { masterTable } from "./on-master.ts";
import { stopTable } from "./on-stop.ts";
import { firstFit } from "./plan.ts";

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
  // Its host takes our words for it, and it hears them as soon as it wakes. Without them it would serve as a second master, or,
  // a replica, copy from whoever has its master's address by then, before anybody has compared their histories.
  const asleep = seen.kind === "unreachable" && seen.why === "timeout";
  if (asleep && (transition === "FAULT" || transition === "BACKUP"))
    return {
      row: "our own Redis hangs: should it wake, it is to copy from nobody, take no writes and end its clients' sessions",
      steps: [{ do: "park-on-resume" }],
    };
  if (seen.kind === "unreachable" && transition !== "MASTER") return idle;
  if (silent || seen.kind !== "observed") return silent ?? idle;
  return firstFit(tables[transition], { ...situation, node: { ...situation.node, seen }, ours: seen });
}
