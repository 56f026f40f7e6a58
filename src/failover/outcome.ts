import type { NodeContext } from "../cluster/context.ts";
import { describe } from "../decide/plan.ts";
import type { Log } from "../model/log.ts";
import type { Plan } from "../model/plan.ts";
import type { Transition } from "../model/transition.ts";
import { countTransition } from "../state/transition-counts.ts";

/** How a transition ended. */
export interface Outcome {
  /** The plan of each round, with the row that decided. */
  plans: Plan[];
  result: "done" | "refused" | "superseded" | "failed" | "maintenance" | "planned";
  why?: string;
  remedy?: string;
  /** What the local data set is known to lack of what was served, in words, when the last row decided. */
  missing?: string | undefined;
}

/** A transition that has ended. */
export interface Ended extends Outcome {
  duration_ms: number;
}

/** Writes the last log line of a transition, for hooks and the agent. */
function logOutcome(log: Log, transition: Transition, outcome: Ended): void {
  const { result, why, remedy, duration_ms } = outcome;
  const fields = { result, duration_ms, why, remedy };
  if (result === "done") log.info("transition-done", `${transition} done`, fields);
  else if (result === "superseded") log.info("transition-superseded", `${transition} stopped: ${why}`, fields);
  else
    log.error(
      result === "refused" ? "transition-refused" : "transition-failed",
      `${transition} ${result}: ${why}`,
      fields,
    );
}

/** Logs how a transition ended, and counts it. */
export function endTransition(
  { log, paths }: NodeContext,
  transition: Transition,
  outcome: Outcome,
  started_ms: number,
): Ended {
  const ended = { ...outcome, duration_ms: Math.round((performance.now() - started_ms) * 10) / 10 };
  logOutcome(log, transition, ended);
  try {
    countTransition(paths, transition, ended);
  } catch (error) {
    log.warn("record-failed", "can't count this transition: the metrics lack it", { error: (error as Error).message });
  }
  return ended;
}

/** The plans in words, as --dry-run prints them. */
export function planInWords({ plans }: Outcome): string {
  return plans
    .flatMap(({ row, steps, again, refusal }) => [
      row,
      ...steps.map((step, index) => `  ${index + 1}. ${describe(step)}`),
      ...(steps.length === 0 && !refusal ? ["  nothing to do"] : []),
      ...(again ? ["  then observe the cluster and decide again"] : []),
      ...(refusal ? [`  refused: ${refusal.cause}`, `  remedy: ${refusal.remedy}`] : []),
    ])
    .join("\n");
}
