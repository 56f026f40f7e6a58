import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { describe, type Plan, type Step } from "../decide/plan.ts";
import { decide, type Transition } from "../decide/transition.ts";
import type { Observation } from "../redis/observe.ts";
import { look } from "../redis/observe-cluster.ts";
import { type Run, Sessions } from "./sessions.ts";
import { carryOut } from "./steps.ts";
import { Refused, Stopped, Superseded } from "../system/poll.ts";

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
  const lookAround = () => look(run, sessions, wish.holdsVip());
  const lookAndDecide = async () => decide(wish.transition, await lookAround());
  // By a plan that was given up half-way.
  let heldBack = false;
  try {
    for (let round = 0; round < mostRounds; round++) {
      run.proceed();
      const situation = await lookAround();
      const plan = decide(wish.transition, situation);
      const ours = situation.node.seen;
      plans.push(plan);
      logPlan(run, plan, ours);
      const refused = plan.refusal && { why: `${plan.row}: ${plan.refusal.cause}`, wayOut: plan.refusal.wayOut };
      if (heldBack && !plan.steps.some(holdsBack)) await carryOut({ do: "unfence" }, run, sessions);
      const settled = wish.dryRun || (await takeSteps(plan, run, sessions, lookAndDecide));
      heldBack = !settled && plan.steps.some(holdsBack);
      if (refused) return { plans, result: "refused", ...refused };
      if (wish.dryRun) return { plans, result: "planned" };
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
async function takeSteps(
  { steps }: Plan,
  run: Run,
  sessions: Sessions,
  lookAndDecide: () => Promise<Plan>,
): Promise<boolean> {
  for (const [index, step] of steps.entries()) {
    try {
      run.proceed();
      await carryOut(step, run, sessions);
      // What was decided while clients wrote holds only if it is decided again now that they can't.
      const goesOn = step.do === "fence" && step !== steps.at(-1);
      if (goesOn && !isDeepStrictEqual((await lookAndDecide()).steps, steps)) return false;
    } catch (error) {
      // Whoever comes next decides for itself whether writes must wait; let through until then, a second master would take some
      // (half a second of them, where a resumed Keepalived had called twenty hooks: npm run chaos).
      const begun = steps.slice(0, index + 1);
      const nobodyComes = error instanceof Stopped && !(error instanceof Superseded);
      if (nobodyComes && begun.some(holdsBack)) await carryOut({ do: "unfence" }, run, sessions);
      if (error instanceof Stopped || error instanceof Refused) throw error;
      run.log.warn(`${step.do} failed, looking again`, { step: step.do, error: (error as Error).message });
      await sleep(afterFailure_ms);
      return false;
    }
  }
  return true;
}

const holdsBack = (step: Step): boolean => step.do === "quarantine" || (step.do === "fence" && step.at === undefined);

// For how long a replica has heard nothing says what a crash of its master can have cost.
function logPlan(run: Run, { row, steps }: Plan, ours: Observation): void {
  const link_down_s = ours.kind === "observed" ? ours.source?.downFor_s : undefined;
  run.log.info(row, { steps: steps.map(describe), link_down_s });
}
