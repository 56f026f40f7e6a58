import { describe } from "../decide/plan.ts";
import type { Log } from "../model/log.ts";
import type { Plan } from "../model/plan.ts";
import type { Transition } from "../model/transition.ts";

/** How a transition ended. */
export interface Outcome {
  /** The plan of each round, with the row that decided. */
  plans: Plan[];
  result: "done" | "refused" | "superseded" | "failed" | "planned";
  why?: string;
  remedy?: string;
}

/** Writes the last log line of a transition, for hooks and the agent. */
export function logOutcome(log: Log, transition: Transition, outcome: Outcome, started_ms: number): void {
  const { result, why, remedy } = outcome;
  const duration_ms = Math.round((performance.now() - started_ms) * 10) / 10;
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
