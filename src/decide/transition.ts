import { type Facts, withoutAnswer } from "./facts.ts";
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
  if (silent && (transition === "MASTER" || silent.again))
    return transition === "STOP" ? { ...silent, again: false, steps: [] } : silent;
  // Without the virtual IP there is nothing that a Redis which doesn't answer could be asked to do.
  if (seen.kind !== "observed") return { row: silent?.row ?? "", steps: [] };
  return firstFit(tables[transition], { ...situation, node: { ...situation.node, seen }, ours: seen });
}
