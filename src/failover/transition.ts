import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { describe, fencesUs, unfenceFirst } from "../decide/plan.ts";
import { decide } from "../decide/transition.ts";
import type { Observation } from "../model/observation.ts";
import type { Plan } from "../model/plan.ts";
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
export async function carryOutTransition(context: PlanContext, request: TransitionRequest): Promise<Outcome> {
  const sessions = new Sessions(context);
  const plans: Plan[] = [];
  const observe = () => observeCluster(context, sessions, { ...context, holdsVip: request.holdsVip() });
  const decideAgain = async () => decide(request.transition, await observe());
  let givenUp: Plan | undefined;
  try {
    for (let round = 0; round < mostRounds; round++) {
      context.proceed();
      const situation = await observe();
      const plan = decide(request.transition, situation);
      plans.push(plan);
      logPlan(context, plan, situation.node.seen);
      const refused = plan.refusal && { why: `${plan.row}: ${plan.refusal.cause}`, remedy: plan.refusal.remedy };
      if (unfenceFirst(givenUp, plan)) await carryOut({ do: "unfence" }, context, sessions);
      const settled = request.dryRun || (await takeSteps(plan, context, sessions, decideAgain));
      givenUp = settled ? undefined : plan;
      if (refused) return { plans, result: "refused", ...refused };
      if (request.dryRun) return { plans, result: "planned" };
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
 * Whether all steps were taken. A node that fails amid a step makes it another situation, which the next look finds; a step that
 * must not go on says so by Stopped or by StepRefused.
 */
async function takeSteps(
  plan: Plan,
  context: PlanContext,
  sessions: Sessions,
  decideAgain: () => Promise<Plan>,
): Promise<boolean> {
  for (const [index, step] of plan.steps.entries()) {
    try {
      context.proceed();
      if (step.do !== "confirm") await carryOut(step, context, sessions);
      else if (!isDeepStrictEqual((await decideAgain()).steps, plan.steps)) return false;
    } catch (error) {
      // A newer transition decides for itself whether writes must wait; where none comes, they go through again.
      const nobodyComes = error instanceof Stopped && !(error instanceof Superseded);
      const begun = { ...plan, steps: plan.steps.slice(0, index + 1) };
      if (nobodyComes && fencesUs(begun)) await carryOut({ do: "unfence" }, context, sessions);
      if (error instanceof Stopped || error instanceof StepRefused) throw error;
      context.log.warn("step-failed", `${step.do} failed, looking again`, {
        step: step.do,
        error: (error as Error).message,
      });
      await sleep(afterFailure_ms);
      return false;
    }
  }
  return true;
}

// For how long a replica has heard nothing says what a crash of its master can have cost.
function logPlan({ log }: PlanContext, { row, steps }: Plan, ours: Observation): void {
  const link_down_s = ours.kind === "observed" ? ours.source?.downFor_s : undefined;
  log.info("decided", row, { steps: steps.map(describe), link_down_s });
}
