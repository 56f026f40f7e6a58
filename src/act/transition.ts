import type { Step } from "../decide/plan.ts";
import { describe, type Plan } from "../decide/plan.ts";
import { decide, type Transition } from "../decide/transition.ts";
import { look } from "./look.ts";
import { type Run, Sessions } from "./run.ts";
import { carryOut } from "./steps.ts";
import { Stopped } from "./wait.ts";

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
  allowDataLoss: boolean;
  /** Only say what would be done. */
  dryRun: boolean;
}

// A plan that only prepares is followed by another look; more rounds than this mean that the nodes don't settle.
const mostRounds = 6;

/** observe -> decide -> act, until nothing is left to do. Never rejects: how it ended is the outcome. */
export async function carryOutTransition(run: Run, wish: Wish): Promise<Outcome> {
  const sessions = new Sessions(run);
  const plans: Plan[] = [];
  try {
    for (let round = 0; round < mostRounds; round++) {
      run.proceed();
      const situation = await look(run, sessions, wish.holdsVip(), wish.allowDataLoss);
      const plan = decide(wish.transition, situation);
      plans.push(plan);
      logPlan(run, plan);
      if (plan.refusal)
        return { plans, result: "refused", why: `${plan.row}: ${plan.refusal.cause}`, wayOut: plan.refusal.wayOut };
      if (wish.dryRun) return { plans, result: "planned" };
      await takeSteps(plan.steps, run, sessions);
      if (!plan.again) return { plans, result: "done" };
    }
    return { plans, result: "failed", why: `the nodes did not settle in ${mostRounds} rounds` };
  } catch (error) {
    const why = (error as Error).message;
    return { plans, result: error instanceof Stopped ? "superseded" : "failed", why };
  } finally {
    sessions.closeAll();
  }
}

async function takeSteps(steps: Step[], run: Run, sessions: Sessions): Promise<void> {
  for (const step of steps) {
    run.proceed();
    await carryOut(step, run, sessions);
  }
}

function logPlan(run: Run, { row, steps }: Plan): void {
  run.log.info(row, { steps: steps.map(describe) });
}
