import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { describe, fencesLocal, unfenceFirst } from "../decide/plan.ts";
import { missingInWords, missing as missingOf } from "../decide/served.ts";
import { decide } from "../decide/transition.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { Situation } from "../model/situation.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { Sessions } from "../redis/sessions.ts";
import { lastPromotion } from "../state/resignation.ts";
import { withRecords } from "../state/with-records.ts";
import type { PlanContext, TransitionRequest } from "./context.ts";
import { StepRefused, Stopped, Superseded } from "./errors.ts";
import type { Outcome } from "./outcome.ts";
import { plannedMove } from "./planned-move.ts";
import { rememberBegin, rememberMaster, rememberStop } from "./records.ts";
import { carryOut } from "./steps.ts";

// A plan that only prepares is followed by another round. With more rounds than this the nodes don't settle.
const maxRounds = 6;
const afterFailure_ms = 50;
// Two masters answer, and nobody waits for them: both serve. If only one of them can count, they may decide differently (seed 822,
// round 36: 24 MB on two busy cores; seed 2801, round 26: 30 MB).
const countWithin_ms = 2000;

/** observe -> decide -> act, until nothing is left to do. Never rejects: the outcome says how it ended. */
export async function carryOutTransition(context: PlanContext, request: TransitionRequest): Promise<Outcome> {
  const sessions = new Sessions(context);
  const plans: Plan[] = [];
  const { transition, dryRun } = request;
  const planned = plannedMove(context, sessions, transition);
  const observe = async () => {
    const known = {
      ...context,
      holdsVip: request.holdsVip(),
      countWithin_ms,
      promotion: () => lastPromotion(context.paths.promotion),
    };
    const situation = await observeCluster(context, sessions, known);
    return planned(withRecords(situation, context.paths));
  };
  const decideAgain = async () => decide(request.transition, await observe());
  const hadVip = transition === "MASTER" && request.holdsVip();
  let givenUp: Plan | undefined;
  let missing: string | undefined;
  let promotedOn: Situation | undefined;
  if (!dryRun) rememberBegin(context, request);
  try {
    for (let round = 0; round < maxRounds; round++) {
      context.proceed();
      // It has waited for a copy, and Keepalived's next call may be on its way: to take the role now would make a second master.
      if (round > 0 && hadVip && !request.holdsVip()) throw new Stopped("the virtual IP has left this host");
      const situation = await observe();
      const plan = decide(request.transition, situation);
      plans.push(plan);
      if (plan.steps.some((step) => step.do === "promote" && step.at.name === context.node.name))
        promotedOn = situation;
      if (transition === "STOP" && !dryRun) rememberStop(context, situation);
      missing = logPlan(context, plan, situation);
      const refused = plan.refusal && { why: `${plan.row}: ${plan.refusal.cause}`, remedy: plan.refusal.remedy };
      if (unfenceFirst(givenUp, plan)) await carryOut({ do: "unfence" }, context, sessions);
      const settled = dryRun || (await takeSteps(plan, context, sessions, decideAgain));
      givenUp = settled ? undefined : plan;
      if (refused) return { plans, missing, result: "refused", ...refused };
      if (dryRun) return { plans, result: "planned" };
      if (settled && !plan.again) {
        if (transition === "MASTER") await rememberMaster(context, sessions, promotedOn);
        return { plans, missing, result: "done" };
      }
    }
    return { plans, result: "failed", why: `the nodes did not settle in ${maxRounds} rounds` };
  } catch (error) {
    const why = (error as Error).message;
    if (error instanceof StepRefused) return { plans, result: "refused", why, remedy: error.remedy };
    return { plans, result: error instanceof Stopped ? "superseded" : "failed", why };
  } finally {
    sessions.closeAll();
  }
}

/**
 * Whether all steps were taken. After a failed step the next round observes and decides again. Stopped and StepRefused end the
 * transition.
 */
async function takeSteps(
  plan: Plan,
  context: PlanContext,
  sessions: Sessions,
  decideAgain: () => Promise<Plan>,
): Promise<boolean> {
  for (const [index, step] of plan.steps.entries()) {
    try {
      requireTurn(plan.steps, index, context);
      if (step.do !== "confirm") await carryOut(step, context, sessions);
      else if (!isDeepStrictEqual((await decideAgain()).steps, plan.steps)) return false;
    } catch (error) {
      // A newer transition decides about the fence. If none comes, it is lifted here.
      const noneComes = error instanceof Stopped && !(error instanceof Superseded);
      const started = { ...plan, steps: plan.steps.slice(0, index + 1) };
      if (noneComes && fencesLocal(started)) await carryOut({ do: "unfence" }, context, sessions);
      if (error instanceof Stopped || error instanceof StepRefused) throw error;
      context.log.warn("step-failed", `${step.do} failed, deciding again`, {
        step: step.do,
        error: (error as Error).message,
      });
      await sleep(afterFailure_ms);
      return false;
    }
  }
  return true;
}

/** Throws if this transition must stop before the step. */
function requireTurn(steps: readonly Step[], index: number, { proceed }: PlanContext): void {
  // A newer transition also wants a server that hangs to be parked, and may have no time to find that it hangs.
  if (steps[index]?.do === "park-on-resume") return;
  try {
    proceed();
  } catch (error) {
    // What was kept would be kept again: seconds, and twice the room.
    const kept = steps[index]?.do === "follow" && steps[index - 1]?.do === "quarantine";
    if (!(kept && error instanceof Superseded)) throw error;
  }
}

/**
 * Returns what is known to be missing here of what was served, in words. `link_down_s` tells how many seconds of writes may be lost
 * after a crash of the master.
 */
function logPlan(
  { log }: PlanContext,
  { row, steps }: Plan,
  { node: { seen }, served }: Situation,
): string | undefined {
  const link_down_s = seen.kind === "observed" ? seen.source?.downFor_s : undefined;
  const lacks = seen.kind === "observed" ? missingOf(seen, served) : undefined;
  const missing = lacks && missingInWords(lacks);
  log.info("decided", row, { steps: steps.map(describe), link_down_s, missing });
  return missing;
}
