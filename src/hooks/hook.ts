import type { NodeContext } from "../cluster/context.ts";
import { type HookDecision, type HookFacts, hookDecision } from "../decide/hook.ts";
import { Stopped, Superseded } from "../failover/errors.ts";
import { type Ended, endTransition } from "../failover/outcome.ts";
import { carryOutTransition } from "../failover/transition.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Log } from "../model/log.ts";
import type { Transition } from "../model/transition.ts";
import { openConnection } from "../redis/connection.ts";
import { agentAlive } from "../state/heartbeat.ts";
import { inMaintenance } from "../state/maintenance.ts";
import {
  leaveMark,
  leaveNewest,
  newestMark,
  removeOlderMarks,
  sameBefore,
  supersededBy,
  type TransitionMark,
} from "../state/transition-marks.ts";
import { type Lock, takeLock } from "../system/lock.ts";
import { terminationSignal } from "../system/signals.ts";

export interface HookContext extends NodeContext {
  transition: Transition;
  allowDataLoss: boolean;
  dryRun: boolean;
  /** Started by the monitor, not by Keepalived: carry out once more what Keepalived asked for last. */
  repair: boolean;
}

// An older transition stops at its next step, and no step but a wait takes longer than the deadline of its connection.
const lockWait_s = 15;
// Keepalived ends its hooks one second after it began to stop (vrrp_daemon.c: a timer of 1 s), so no queueing then.
const lockWaitAtStop_s = 0.3;

const untouched: Readonly<Record<Exclude<HookDecision, "carry-out">, Ended>> = {
  superseded: { plans: [], result: "superseded", duration_ms: 0 },
  maintenance: { plans: [], result: "maintenance", why: "maintenance is on: nothing was changed", duration_ms: 0 },
  "left-to-agent": { plans: [], result: "superseded", why: "left to the agent", duration_ms: 0 },
};

/** One transition as Keepalived's hook carries it out: marked as the newest, alone on this host, and logged to its end. */
export async function runHook(hook: HookContext): Promise<Ended> {
  const { transition, paths, dryRun, cluster } = hook;
  const started_ms = performance.now();
  const mark = dryRun ? undefined : hook.repair ? newestMark(paths.transitionMarks) : markTransition(hook);
  const log = hook.log.child({ transition, id: mark ? `${mark.ticks}-${mark.pid}` : "dry-run" });
  const sameWaits = mark !== undefined && !hook.repair && sameBefore(paths.transitionMarks, mark) > 1;
  const first = decideNow(hook, { sameWaits });
  if (first !== "carry-out") return leave(first, hook, mark, log);
  const lock = dryRun ? undefined : await lockOf(hook, log);
  try {
    // An agent may have started meanwhile: it waits for this lock before it begins.
    const then = decideNow(hook, { lockHeld: !dryRun && lock === undefined });
    if (then !== "carry-out") return leave(then, hook, mark, log);
    if (mark) removeOlderMarks(paths.transitionMarks, mark);
    const allowDataLoss = hook.allowDataLoss || cluster.failover.allow_data_loss;
    const context = { ...hook, log, open: openConnection, proceed: proceedUnless(hook, mark), allowDataLoss };
    const outcome = await carryOutTransition(context, { transition, holdsVip: () => holdsVip(cluster), dryRun });
    if (mark && !hook.repair) leaveNewest(paths.transitionMarks, mark);
    return dryRun ? { ...outcome, duration_ms: 0 } : endTransition(context, transition, outcome, started_ms);
  } finally {
    lock?.release();
  }
}

const decideNow = (hook: HookContext, known: Partial<HookFacts>): HookDecision =>
  hookDecision({
    ...hook,
    holdsVip: holdsVip(hook.cluster),
    maintenance: inMaintenance(hook.paths.maintenance, Date.now()),
    agentAlive: agentAlive(hook.paths.heartbeat),
    sameWaits: false,
    lockHeld: false,
    ...known,
  });

function leave(
  decision: Exclude<HookDecision, "carry-out">,
  { transition, paths, repair }: HookContext,
  mark: TransitionMark | undefined,
  log: Log,
): Ended {
  if (decision === "maintenance") log.warn("maintenance-holds", `${transition}: maintenance is on, nothing is changed`);
  if (decision === "superseded" && mark && !repair) leaveNewest(paths.transitionMarks, mark);
  // The agent needs none of them, and nobody else would remove them.
  if (decision === "left-to-agent" && mark) removeOlderMarks(paths.transitionMarks, mark);
  return untouched[decision];
}

/** Keepalived's end sends its hooks SIGTERM (PR_SET_PDEATHSIG): the step at hand is finished, the next one isn't begun. */
function proceedUnless({ paths }: HookContext, mark: TransitionMark | undefined): () => void {
  const signal = terminationSignal();
  return () => {
    if (signal.aborted) throw new Stopped("told to stop: Keepalived is ending");
    const newer = mark && supersededBy(paths.transitionMarks, mark);
    if (newer) throw new Superseded(newer.transition);
  };
}

// A state folder that can't be written must not stop a failover; only the order of the hooks is then unknown.
function markTransition({ paths, transition, log }: HookContext): TransitionMark | undefined {
  try {
    return leaveMark(paths.transitionMarks, transition);
  } catch (error) {
    const { message } = error as Error;
    log.error("mark-failed", "can't mark this transition as the newest, going on without", { error: message });
    return undefined;
  }
}

async function lockOf({ transition, paths, repair }: HookContext, log: Log): Promise<Lock | undefined> {
  try {
    return await takeLock(paths.lock, repair ? 0 : transition === "STOP" ? lockWaitAtStop_s : lockWait_s);
  } catch (error) {
    if (!repair) log.error("lock-failed", "going on without the lock", { error: (error as Error).message });
    return undefined;
  }
}
