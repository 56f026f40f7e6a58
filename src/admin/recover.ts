import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { SeenPeer } from "../model/situation.ts";
import { observeNode } from "../redis/observe-cluster.ts";
import { Sessions } from "../redis/sessions.ts";
import { latestTransition, newestMark } from "../state/transition-marks.ts";
import { takeLock } from "../system/lock.ts";
import { poll } from "../system/poll.ts";
import { keepalivedRuns } from "../system/processes.ts";
import { runCommand } from "../system/run-command.ts";
import type { RecoveryContext } from "./context.ts";
import { copyFrom } from "./copy.ts";
import { moveVip } from "./move-vip.ts";
import { plannedSteps } from "./planned-steps.ts";
import { preflight } from "./preflight.ts";
import { verify } from "./verify.ts";

/** What a recovery found and did, as --json prints it. */
export interface Report {
  cluster: string;
  node: string;
  master: string;
  holder: boolean;
  keys: Record<string, number>;
  bytes_copied: number;
  seconds: number;
}

const verify_ms = 10_000;
const vrrp_ms = 30_000;
const failback_ms = 30_000;
const lockWait_s = 60;

/** Brings this node back as a replica of the master that took over. Safe to run twice, and after any interruption. */
export async function recover(context: RecoveryContext): Promise<Report> {
  const started = performance.now();
  const sessions = new Sessions(context);
  const report = (master: string, keys: Record<string, number>, bytes_copied: number): Report => ({
    ...{
      cluster: context.cluster.name,
      node: context.node.name,
      master,
      holder: holdsVip(context.cluster),
      keys,
      bytes_copied,
    },
    seconds: Math.round((performance.now() - started) / 10) / 100,
  });
  try {
    const source = await preflight(context, sessions);
    if (!source) {
      context.report.done(`${context.node.name} is the master: nothing to recover`);
      return report(context.node.name, {}, 0);
    }
    if (context.dryRun) {
      const seen = await observeNode(context, sessions, context.node);
      for (const step of plannedSteps(context, source, seen)) context.report.plan(step);
      return report(source.name, {}, 0);
    }
    const bytes = await withLock(context, () => copyFrom(context, sessions, source));
    const { keys, offset } = await compareNodes(context, sessions, source.name, context.node.name);
    await context.beforeElection?.();
    await joinVrrp(context);
    if (!context.failback) return report(source.name, keys, bytes);
    await moveBack(context, source, offset);
    // The hand-over has ended all sessions at the old master, ours among them.
    sessions.closeAll();
    const after = await compareNodes(context, sessions, context.node.name, source.name);
    return report(context.node.name, after.keys, bytes);
  } finally {
    sessions.closeAll();
  }
}

/** Hooks wait meanwhile: nobody else changes the local Redis between its start and the full copy. */
async function withLock<T>({ paths }: RecoveryContext, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(paths.lock, lockWait_s);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function compareNodes(context: RecoveryContext, sessions: Sessions, master: string, replica: string) {
  const compared = await verify(await sessions.of(master), await sessions.of(replica), verify_ms);
  const inWords = Object.entries(compared.keys).map(([db, count]) => `${count} keys in db${db}`);
  context.report.done(`both nodes hold the same: ${inWords.join(", ") || "no keys"}, histories equal`, { ...compared });
  return compared;
}

/** Starts Keepalived unless it runs, and waits until it has found this node fit. */
async function joinVrrp(context: RecoveryContext): Promise<void> {
  const runs = keepalivedRuns();
  const before = runs ? undefined : newestMark(context.paths.transitionMarks);
  if (!runs) await runCommand(context.cluster.commands.start_keepalived);
  const joined = async () => {
    const now = newestMark(context.paths.transitionMarks);
    const fresh = now && (now.ticks !== before?.ticks || now.pid !== before.pid);
    return fresh && (now.transition === "BACKUP" || now.transition === "MASTER") ? now.transition : undefined;
  };
  const what = "Keepalived taking part in the election (is its configuration from generate-config?)";
  const state = await poll(joined, { deadline_ms: vrrp_ms, every_ms: 20, proceed: context.proceed, what });
  context.report.done(`Keepalived takes part in the election: ${state}`);
}

async function moveBack(context: RecoveryContext, from: SeenPeer, offset: number): Promise<void> {
  const seconds = await moveVip(context, context.node.name, failback_ms);
  // The hook that took the role over ends all sessions at the old master, ours among them.
  const ended = async () => !hookRuns(context);
  await poll(ended, { deadline_ms: vrrp_ms, every_ms: 20, proceed: context.proceed, what: "the end of notify-master" });
  context.report.done(`${context.node.name} is master with the virtual IP again, ${from.name} its replica`, {
    seconds,
    offset,
  });
}

const hookRuns = ({ paths }: RecoveryContext): boolean => latestTransition(paths.transitionMarks)?.atWork === true;
