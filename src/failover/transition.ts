import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { describe } from "../decide/plan.ts";
import { decide } from "../decide/transition.ts";
import type { Observation } from "../model/observation.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { Transition } from "../model/transition.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { Sessions } from "../redis/sessions.ts";
import type { PlanContext } from "./context.ts";
import { StepRefused, Stopped, Superseded } from "./errors.ts";
import type { Outcome } from "./outcome.ts";
import { carryOut } from "./steps.ts";

export interface TransitionRequest {
  transition: Transition;
  holdsVip: () => boolean;
  /** Only say what would be done. */
  dryRun: boolean;
}

// A plan that only prepares is followed by another look; more rounds than this mean that the nodes don't settle.
const mostRounds = 6;
const afterFailure_ms = 50;

/** observe -> decide -> act, until nothing is left to do. Never rejects: how it ended is the outcome. */
export async function carryOutTransition(context: PlanContext, wish: TransitionRequest): Promise<Outcome> {
  const sessions = new Sessions(context);
  const plans: Plan[] = [];
  const lookAround = () => observeCluster(context, sessions, { ...context, holdsVip: wish.holdsVip() });
  const lookAndDecide = async () => decide(wish.transition, await lookAround());
  // By a plan that was given up half-way.
  let heldBack = false;
  try {
    for (let round = 0; round < mostRounds; round++) {
      context.proceed();
      const situation = await lookAround();
      const plan = decide(wish.transition, situation);
      const ours = situation.node.seen;
      plans.push(plan);
      logPlan(context, plan, ours);
      const refused = plan.refusal && { why: `${plan.row}: ${plan.refusal.cause}`, remedy: plan.refusal.remedy };
      if (heldBack && !plan.steps.some(holdsBack)) await carryOut({ do: "unfence" }, context, sessions);
      const settled = wish.dryRun || (await takeSteps(plan, context, sessions, lookAndDecide));
      heldBack = !settled && plan.steps.some(holdsBack);
      if (refused) return { plans, result: "refused", ...refused };
      if (wish.dryRun) return { plans, result: "planned" };
      if (settled && !plan.again) return { plans, result: "done" };
    }
    return { plans, result: "failed", why: `the nodes did not settle in ${mostRounds} rounds` };
  } catch (error) {
    const why = (error as Error).message;
    if (error instanceof StepRefused) return { plans, result: "refused", why, remedy: error.remedy };
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
  context: PlanContext,
  sessions: Sessions,
  lookAndDecide: () => Promise<Plan>,
): Promise<boolean> {
  for (const [index, step] of steps.entries()) {
    try {
      context.proceed();
      await carryOut(step, context, sessions);
      // What was decided while clients wrote holds only if it is decided again now that they can't.
      const goesOn = step.do === "fence" && step !== steps.at(-1);
      if (goesOn && !isDeepStrictEqual((await lookAndDecide()).steps, steps)) return false;
    } catch (error) {
      // Whoever comes next decides for itself whether writes must wait; let through until then, a second master would take some
      // (half a second of them, where a resumed Keepalived had called twenty hooks: npm run chaos).
      const begun = steps.slice(0, index + 1);
      const nobodyComes = error instanceof Stopped && !(error instanceof Superseded);
      if (nobodyComes && begun.some(holdsBack)) await carryOut({ do: "unfence" }, context, sessions);
      if (error instanceof Stopped || error instanceof StepRefused) throw error;
      context.log.warn(`${step.do} failed, looking again`, { step: step.do, error: (error as Error).message });
      await sleep(afterFailure_ms);
      return false;
    }
  }
  return true;
}

const holdsBack = (step: Step): boolean => step.do === "quarantine" || (step.do === "fence" && step.at === undefined);

// For how long a replica has heard nothing says what a crash of its master can have cost.
function logPlan(context: PlanContext, { row, steps }: Plan, ours: Observation): void {
  const link_down_s = ours.kind === "observed" ? ours.source?.downFor_s : undefined;
  context.log.info(row, { steps: steps.map(describe), link_down_s });
}
