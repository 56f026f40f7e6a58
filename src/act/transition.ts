import { setTimeout as sleep } from "node:timers/promises";
import { describe, type Plan, type Step } from "../decide/plan.ts";
import { decide, type Transition } from "../decide/transition.ts";
import { look } from "./look.ts";
import { type Run, Sessions } from "./run.ts";
import { carryOut } from "./steps.ts";
import { Refused, Stopped } from "./wait.ts";

export interface Outcome {
  /** The rows that decided, and what each led to. */
  plans: Plan[];
  result: "done" | "refused" | "superseded" | "failed" | "planned";
  why?: string;
  wayOut?: string;
}

export interface Wish {
  transition: Transition;
  holdsVip: () => boolean;
  /** Only say what would be done. */
  dryRun: boolean;
}

// A plan that only prepares is followed by another look; more rounds than this mean that the nodes don't settle.
const mostRounds = 6;
const afterFailure_ms = 50;

/** observe -> decide -> act, until nothing is left to do. Never rejects: how it ended is the outcome. */
export async function carryOutTransition(run: Run, wish: Wish): Promise<Outcome> {
  const sessions = new Sessions(run);
  const plans: Plan[] = [];
  try {
    for (let round = 0; round < mostRounds; round++) {
      run.proceed();
      const situation = await look(run, sessions, wish.holdsVip());
      const plan = decide(wish.transition, situation);
      plans.push(plan);
      logPlan(run, plan);
      if (plan.refusal)
        return { plans, result: "refused", why: `${plan.row}: ${plan.refusal.cause}`, wayOut: plan.refusal.wayOut };
      if (wish.dryRun) return { plans, result: "planned" };
      const settled = await takeSteps(plan.steps, run, sessions);
      if (settled && !plan.again) return { plans, result: "done" };
    }
    return { plans, result: "failed", why: `the nodes did not settle in ${mostRounds} rounds` };
  } catch (error) {
    const why = (error as Error).message;
    if (error instanceof Refused) return { plans, result: "refused", why, wayOut: error.wayOut };
    return { plans, result: error instanceof Stopped ? "superseded" : "failed", why };
  } finally {
    sessions.closeAll();
  }
}

/**
 * Whether all of them were done. A node that fails amid a step makes it another situation, which the next look finds;
 * whoever must not go on says so by Stopped or by Refused.
 */
async function takeSteps(steps: Step[], run: Run, sessions: Sessions): Promise<boolean> {
  for (const step of steps) {
    run.proceed();
    try {
      await carryOut(step, run, sessions);
    } catch (error) {
      if (error instanceof Stopped || error instanceof Refused) throw error;
      run.log.warn(`${step.do} failed, looking again`, { step: step.do, error: (error as Error).message });
      await sleep(afterFailure_ms);
      return false;
    }
  }
  return true;
}

function logPlan(run: Run, { row, steps }: Plan): void {
  run.log.info(row, { steps: steps.map(describe) });
}
