import type { NodeContext } from "../cluster/context.ts";
import { Stopped, Superseded } from "../failover/errors.ts";
import { logOutcome, type Outcome } from "../failover/outcome.ts";
import { carryOutTransition } from "../failover/transition.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Log } from "../model/log.ts";
import type { Transition } from "../model/transition.ts";
import { openConnection } from "../redis/connection.ts";
import { agentAlive } from "../state/heartbeat.ts";
import { inMaintenance } from "../state/maintenance.ts";
import {
  leaveMark,
  newestMark,
  removeOlderMarks,
  supersededBy,
  type TransitionMark,
} from "../state/transition-marks.ts";
import { type Lock, takeLock } from "../system/lock.ts";
import { terminationSignal } from "../system/signals.ts";

export interface HookContext extends NodeContext {
  transition: Transition;
  allowDataLoss: boolean;
  dryRun: boolean;
  /** Started by the monitor, not by Keepalived: do what Keepalived last asked for once more. */
  repair: boolean;
}

// An older transition stops at its next step, and no step but a wait is longer than its connection's patience.
const lockWait_s = 15;
// Keepalived ends its hooks one second after it began to stop (vrrp_daemon.c: a timer of 1 s), so no queueing then.
const lockWaitAtStop_s = 0.3;

/** One transition as Keepalived's hook carries it out: marked as the newest, alone on this host, and logged to its end. */
export async function runHook(hook: HookContext): Promise<Outcome> {
  const { transition, paths, dryRun, cluster } = hook;
  const intent = dryRun ? undefined : hook.repair ? newestMark(paths.transitionMarks) : declare(hook);
  // It was the monitor's wish of a moment ago: since then the virtual IP may have come or gone.
  if (hook.repair && holdsVip(cluster) !== (transition === "MASTER")) return { plans: [], result: "superseded" };
  const log = hook.log.child({ transition, id: intent ? `${intent.ticks}-${intent.pid}` : "dry-run" });
  // Keepalived's end sends its hooks SIGTERM (PR_SET_PDEATHSIG): the step at hand is finished, the next one isn't begun.
  const signal = terminationSignal();
  const proceed = () => {
    if (signal.aborted) throw new Stopped("told to stop: Keepalived is ending");
    const newer = intent && supersededBy(paths.transitionMarks, intent);
    if (newer) throw new Superseded(newer.transition);
  };
  if (!dryRun && inMaintenance(paths.maintenance, Date.now())) {
    log.warn("maintenance-holds", `${transition}: maintenance is on, nothing is changed`);
    return { plans: [], result: "done" };
  }
  // What a person says of lost data is said to us alone.
  const leftToAgent = (): boolean => !dryRun && !hook.allowDataLoss && agentAlive(paths.heartbeat);
  const left: Outcome = { plans: [], result: "superseded", why: "left to the agent" };
  if (leftToAgent()) {
    if (intent) removeOlderMarks(paths.transitionMarks, intent);
    return left;
  }
  const started_ms = performance.now();
  const lock = dryRun ? undefined : await lockOf(hook, log);
  if (hook.repair && !lock) return { plans: [], result: "superseded" };
  try {
    // It may have come meanwhile; it waits for this lock before it begins.
    if (lock && leftToAgent()) return left;
    if (intent) removeOlderMarks(paths.transitionMarks, intent);
    const allowDataLoss = hook.allowDataLoss || cluster.failover.allow_data_loss;
    const run = { ...hook, log, open: openConnection, proceed, allowDataLoss };
    const wish = { transition, holdsVip: () => holdsVip(cluster), dryRun };
    const outcome = await carryOutTransition(run, wish);
    if (!dryRun) logOutcome(log, transition, outcome, started_ms);
    return outcome;
  } finally {
    lock?.release();
  }
}

// A state folder that can't be written must not stop a failover; then only the order of the hooks is no longer known.
function declare({ paths, transition, log }: HookContext): TransitionMark | undefined {
  try {
    return leaveMark(paths.transitionMarks, transition);
  } catch (error) {
    log.error("mark-failed", "can't mark this transition as the newest, going on without", {
      error: (error as Error).message,
    });
    return undefined;
  }
}

async function lockOf({ transition, paths, repair }: HookContext, log: Log): Promise<Lock | undefined> {
  try {
    return await takeLock(paths.lock, repair ? 0 : transition === "STOP" ? lockWaitAtStop_s : lockWait_s);
  } catch (error) {
    if (repair) return undefined;
    log.error("lock-failed", "going on without the lock", { error: (error as Error).message });
    return undefined;
  }
}
