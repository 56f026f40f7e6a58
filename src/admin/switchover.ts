import { setTimeout as sleep } from "node:timers/promises";
import { CommandRefused } from "../cluster/errors.ts";
import { type Passed, readiness, secondsBehind, switchover } from "../decide/switchover.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import { replicaConnectedFor_s } from "../redis/commands.ts";
import { observeSession } from "../redis/observe.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { Unreachable } from "../redis/session.ts";
import { Sessions } from "../redis/sessions.ts";
import { lastVerdict } from "../state/last-verdict.ts";
import { DeadlinePassed, poll } from "../system/poll.ts";
import { keepalivedRuns } from "../system/processes.ts";
import type { SwitchoverContext } from "./context.ts";
import { moveVip } from "./move-vip.ts";

export interface SwitchoverReport {
  cluster: string;
  from: string;
  to: string;
  seconds: number;
}

// Longer than a check and what Keepalived makes of it, and short enough for a person who waits.
const ready_ms = 10_000;

/** A planned change of master: checked before it starts, nothing lost, the old master ends as a replica in sync. */
export async function runSwitchover(context: SwitchoverContext, deadline_ms: number): Promise<SwitchoverReport> {
  const { report, dryRun } = context;
  const { name: cluster } = context.cluster;
  const found = await observed(context);
  if (found.kind === "refused") throw new CommandRefused(found.refusal.cause, { remedy: found.refusal.remedy });
  if (found.kind === "nothing-to-do") {
    report.done(`${found.master} is master already`);
    return { cluster, from: found.master, to: found.master, seconds: 0 };
  }
  const { from, to } = found;
  report.done(`${from} is master, ${to} is its replica and in sync`);
  if (dryRun) {
    report.plan(`move the virtual IP from ${from} to ${to}, writes waiting while the role changes hands`);
    return { cluster, from, to, seconds: 0 };
  }
  await untilReady(context, from, to);
  const seconds = Math.round((await moveVip(context, to, deadline_ms)) * 1000) / 1000;
  report.done(`${to} is master, ${from} its replica`, { seconds });
  return { cluster, from, to, seconds };
}

// A move that has just been made goes on for a moment, and ends connections (CLIENT KILL).
const again_ms = 300;

/** Looks a second time if a node did not answer. */
async function observed(context: SwitchoverContext) {
  const first = await look(context);
  if (first.answered) return first.found;
  await sleep(again_ms);
  return (await look(context)).found;
}

async function look(context: SwitchoverContext) {
  const sessions = new Sessions(context);
  try {
    const situation = await observeCluster(context, sessions, { ...context, holdsVip: holdsVip(context.cluster) });
    const answered = [situation.node, ...situation.peers].every(({ seen }) => seen.kind !== "unreachable");
    return { answered, found: switchover(situation, context.to) };
  } finally {
    sessions.closeAll();
  }
}

/** Waits until the target's Keepalived would take the virtual IP. Throws a CommandRefused where it would not. */
async function untilReady(context: SwitchoverContext, from: string, to: string): Promise<void> {
  const { cluster, node, paths, proceed, report } = context;
  const host = cluster.nodes.find(({ name }) => name === to)?.address ?? "";
  const sessions = new Sessions(context);
  let reason = "";
  const passed: Passed[] = [];
  const behind_s = async () => {
    const offset = await offsetOf(sessions, from);
    if (offset === undefined) return undefined;
    passed.push({ at_s: performance.now() / 1000, offset });
    const reached = await offsetOf(sessions, to);
    return reached && secondsBehind(passed, reached, performance.now() / 1000);
  };
  const waitFor = (what: string) => {
    if (reason === "") report.note(`waiting for ${what}`);
    reason = what;
    return false;
  };
  const ready = async () => {
    const found = readiness({
      name: to,
      follows_s: await replicaConnectedFor_s(await sessions.of(from), host),
      local: to === node.name ? { keepalivedRuns: keepalivedRuns(), verdict: lastVerdict(paths.verdict) } : undefined,
      checked_s: cluster.monitor.interval,
      behind_s: await behind_s(),
      handover_s: cluster.failover.handover_timeout,
    });
    if (found.is === "refused") throw new CommandRefused(found.refusal.cause, { remedy: found.refusal.remedy });
    return found.is === "ready" || waitFor(found.for);
  };
  // A lossy link keeps an answer back for a moment; the next look opens another connection.
  const readyOrSilent = () =>
    ready().catch((error: unknown) => {
      if (!(error instanceof Unreachable)) throw error;
      return waitFor(`an answer (${error.message})`);
    });
  try {
    await poll(readyOrSilent, { deadline_ms: ready_ms, every_ms: 100, proceed, what: `${to} being ready` });
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw new CommandRefused(`waited ${ready_ms / 1000} s for ${reason}`, {
      remedy: `nothing was changed; the log on ${to} says what its health check finds`,
    });
  } finally {
    sessions.closeAll();
  }
}

async function offsetOf(sessions: Sessions, name: string): Promise<number | undefined> {
  const seen = await observeSession(await sessions.of(name));
  if (seen.kind === "observed") return seen.history.offset;
  // The move before this one may have ended it: the next look opens another.
  sessions.drop(name);
  return undefined;
}
