import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Transition } from "../model/transition.ts";
import { startTicks } from "../system/process-start.ts";

/**
 * Which transition is the newest. Keepalived starts its hooks in order but they run at the same time and overtake
 * each other (keepalived#996, #1055), so what counts is when each process was forked: start time in clock ticks
 * since boot (proc_pid_stat(5), field 22), then the pid. Each hook leaves an empty file named by these; no file is
 * ever rewritten, so there is nothing to race for.
 */
export interface TransitionMark {
  transition: Transition;
  ticks: number;
  pid: number;
}

/** Leaves our mark in `folder` and returns it. Throws when the folder can't be written. */
export function leaveMark(folder: string, transition: Transition): TransitionMark {
  const intent: TransitionMark = { transition, ticks: startTicks(process.pid) ?? 0, pid: process.pid };
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  writeFileSync(join(folder, fileName(intent)), "", { mode: 0o644 });
  return intent;
}

/** The transition that Keepalived asked for last, if any hook has run since boot. */
export const newestMark = (folder: string): TransitionMark | undefined => marksIn(folder).at(-1);

/**
 * A transition that came after ours and wants something else: ours is history. One that wants the same doesn't count:
 * when a stalled host resumes Keepalived calls notify_master nine times at once, and somebody has to get to work.
 */
export function supersededBy(folder: string, ours: TransitionMark): TransitionMark | undefined {
  return marksIn(folder).findLast((one) => order(one, ours) > 0 && one.transition !== ours.transition);
}

/** Marks older than ours have nothing more to say. */
export function removeOlderMarks(folder: string, ours: TransitionMark): void {
  for (const one of marksIn(folder)) {
    if (order(one, ours) < 0) rmSync(join(folder, fileName(one)), { force: true });
  }
}

/** The process that left this mark is still at work. */
export const isRunning = (intent: TransitionMark): boolean => startTicks(intent.pid) === intent.ticks;

function marksIn(folder: string): TransitionMark[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const now = ticksNow();
  return names
    .map(parse)
    .filter((one): one is TransitionMark => one !== undefined)
    .filter((one) => one.ticks <= now) // what claims to be from the future is from before a reboot
    .sort(order);
}

const order = (a: TransitionMark, b: TransitionMark): number => a.ticks - b.ticks || a.pid - b.pid;

const fileName = ({ ticks, pid, transition }: TransitionMark): string => `${ticks}-${pid}-${transition}`;

function parse(name: string): TransitionMark | undefined {
  const [, ticks, pid, transition] = /^(\d+)-(\d+)-(MASTER|BACKUP|FAULT|STOP)$/.exec(name) ?? [];
  return transition ? { ticks: Number(ticks), pid: Number(pid), transition: transition as Transition } : undefined;
}

// 100 ticks a second is part of Linux' interface to programs on every architecture we can run on (USER_HZ). Told from our own
// start: a container's /proc/uptime may count from the container's (lxcfs), start times always count from the host's.
const ticksNow = (): number => (startTicks(process.pid) ?? 0) + (process.uptime() + slack_s) * 100;
// Node begins to count some time after its process was forked.
const slack_s = 1;
