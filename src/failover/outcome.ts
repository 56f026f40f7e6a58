import { describe } from "../decide/plan.ts";
import type { Log } from "../model/log.ts";
import type { Plan } from "../model/plan.ts";
import type { Transition } from "../model/transition.ts";

/** How a transition ended. */
export interface Outcome {
  /** The rows that decided, and what each led to. */
  plans: Plan[];
  result: "done" | "refused" | "superseded" | "failed" | "planned";
  why?: string;
  remedy?: string;
}

/** The last line that each transition has in the log, whoever carried it out. */
export function logOutcome(log: Log, transition: Transition, outcome: Outcome, started_ms: number): void {
  const { result, why, remedy } = outcome;
  const duration_ms = Math.round((performance.now() - started_ms) * 10) / 10;
  const fields = { result, duration_ms, why, remedy };
  if (result === "done") log.info("transition-done", `${transition} done`, fields);
  else if (result === "superseded") log.info("transition-superseded", `${transition} given up: ${why}`, fields);
  else
    log.error(
      result === "refused" ? "transition-refused" : "transition-failed",
      `${transition} ${result}: ${why}`,
      fields,
    );
}

/** A plan in lines for a person, as --dry-run prints it. */
export function planInWords({ plans }: Outcome): string {
  return plans
    .flatMap(({ row, steps, again, refusal }) => [
      row,
      ...steps.map((step, index) => `  ${index + 1}. ${describe(step)}`),
      ...(steps.length === 0 && !refusal ? ["  nothing to do"] : []),
      ...(again ? ["  then look again and decide anew"] : []),
      ...(refusal ? [`  refused: ${refusal.cause}`, `  remedy: ${refusal.remedy}`] : []),
    ])
    .join("\n");
}
