import type { Paths } from "../cluster/paths.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import { describe } from "../decide/plan.ts";
import type { Transition } from "../decide/transition.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Log } from "../log/log.ts";
import { openWire } from "../redis/connection.ts";
import { agentAlive } from "../state/heartbeat.ts";
import { declareIntent, forgetOlder, type Intent, newestIntent, supersededBy } from "../state/transition-marks.ts";
import { type Lock, takeLock } from "../system/lock.ts";
import { maintenance } from "../state/maintenance.ts";
import { carryOutTransition, type Outcome } from "../failover/transition.ts";
import { Stopped, Superseded } from "../system/poll.ts";

export interface Hook {
  transition: Transition;
  cluster: Cluster;
  node: Node;
  password: string | undefined;
  paths: Paths;
  log: Log;
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
export async function runHook(hook: Hook): Promise<Outcome> {
  const { transition, paths, dryRun, cluster } = hook;
  const intent = dryRun ? undefined : hook.repair ? newestIntent(paths.intents) : declare(hook);
  // It was the monitor's wish of a moment ago: since then the virtual IP may have come or gone.
  if (hook.repair && holdsVip(cluster) !== (transition === "MASTER")) return { plans: [], result: "superseded" };
  const log = hook.log.child({ transition, id: intent ? `${intent.ticks}-${intent.pid}` : "dry-run" });
  const signal = terminationSignal();
  const proceed = () => {
    if (signal.aborted) throw new Stopped("told to stop: Keepalived is ending");
    const newer = intent && supersededBy(paths.intents, intent);
    if (newer) throw new Superseded(newer.transition);
  };
  if (!dryRun && maintenance(paths.maintenance, Date.now())) {
    log.warn(`${transition}: maintenance is on, nothing is changed`);
    return { plans: [], result: "done" };
  }
  // What a person says of lost data is said to us alone.
  const leftToAgent = (): boolean => !dryRun && !hook.allowDataLoss && agentAlive(paths.agent);
  const left: Outcome = { plans: [], result: "superseded", why: "left to the agent" };
  if (leftToAgent()) {
    if (intent) forgetOlder(paths.intents, intent);
    return left;
  }
  const started = performance.now();
  const lock = dryRun ? undefined : await lockOf(hook, log);
  if (hook.repair && !lock) return { plans: [], result: "superseded" };
  try {
    // It may have come meanwhile; it waits for this lock before it begins.
    if (lock && leftToAgent()) return left;
    if (intent) forgetOlder(paths.intents, intent);
    const allowDataLoss = hook.allowDataLoss || cluster.failover.allow_data_loss;
    const run = { ...hook, log, open: openWire, proceed, allowDataLoss };
    const wish = { transition, holdsVip: () => holdsVip(cluster), dryRun };
    const outcome = await carryOutTransition(run, wish);
    const duration_ms = Math.round(performance.now() - started);
    logOutcome(log, hook, outcome, duration_ms);
    return outcome;
  } finally {
    lock?.release();
  }
}

// A state folder that can't be written must not stop a failover; then only the order of the hooks is no longer known.
function declare({ paths, transition, log }: Hook): Intent | undefined {
  try {
    return declareIntent(paths.intents, transition);
  } catch (error) {
    log.error("can't mark this transition as the newest, going on without", { error: (error as Error).message });
    return undefined;
  }
}

async function lockOf({ transition, paths, repair }: Hook, log: Log): Promise<Lock | undefined> {
  try {
    return await takeLock(paths.lock, repair ? 0 : transition === "STOP" ? lockWaitAtStop_s : lockWait_s);
  } catch (error) {
    if (repair) return undefined;
    log.error("going on without the lock", { error: (error as Error).message });
    return undefined;
  }
}

/** Keepalived's end sends its hooks SIGTERM (PR_SET_PDEATHSIG): the step at hand is finished, the next one isn't begun. */
function terminationSignal(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGTERM", () => controller.abort());
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}

function logOutcome(log: Log, { transition, dryRun }: Hook, outcome: Outcome, duration_ms: number): void {
  const fields = { result: outcome.result, duration_ms, why: outcome.why, way_out: outcome.wayOut };
  if (dryRun) return;
  if (outcome.result === "done") log.info(`${transition} done`, fields);
  else if (outcome.result === "superseded") log.info(`${transition} given up: ${outcome.why}`, fields);
  else log.error(`${transition} ${outcome.result}: ${outcome.why}`, fields);
}

/** A plan in lines for a person, as --dry-run prints it. */
export function planInWords({ plans }: Outcome): string {
  return plans
    .flatMap(({ row, steps, again, refusal }) => [
      row,
      ...steps.map((step, index) => `  ${index + 1}. ${describe(step)}`),
      ...(steps.length === 0 && !refusal ? ["  nothing to do"] : []),
      ...(again ? ["  then look again and decide anew"] : []),
      ...(refusal ? [`  refused: ${refusal.cause}`, `  way out: ${refusal.wayOut}`] : []),
    ])
    .join("\n");
}
