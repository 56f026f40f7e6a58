import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Transition } from "../model/transition.ts";
import { giveToFolderOwner } from "../system/owner.ts";
import { startTicks } from "../system/process-start.ts";

/**
 * Tells which transition is the newest. Keepalived starts its hooks in order, but they run at the same time and may overtake each
 * other (keepalived#996, #1055). So the start time of each hook process counts (clock ticks since boot, field 22 of
 * proc_pid_stat(5)), then its pid. Each hook creates an empty file with these in its name. No file is ever changed, so there is no race.
 */
export interface TransitionMark {
  transition: Transition;
  ticks: number;
  pid: number;
}

/** Creates the mark of this process in `folder`. Throws when the folder can't be written. */
export function leaveMark(folder: string, transition: Transition): TransitionMark {
  const mark: TransitionMark = { transition, ticks: startTicks(process.pid) ?? 0, pid: process.pid };
  if (mkdirSync(folder, { recursive: true, mode: 0o755 })) giveToFolderOwner(folder);
  // Appends nothing: a link that is there under this name leads to no file that would be emptied.
  writeFileSync(join(folder, fileName(mark)), "", { mode: 0o644, flag: "a" });
  return mark;
}

/** The last transition that Keepalived reported; undefined if no hook has run since boot. */
export const newestMark = (folder: string): TransitionMark | undefined => marksIn(folder).at(-1);

/**
 * The newest mark, if it is of another transition than `ours`; then this hook stops. A newer mark of the same transition doesn't count: when
 * a host that stood still resumes, Keepalived may call notify_master nine times at once, and one of them must do the work. Nor does another
 * one in between: what was reported last is what this hook does, and who reported it may have left it to this one.
 */
export function supersededBy(folder: string, ours: TransitionMark): TransitionMark | undefined {
  const newest = newestMark(folder);
  return newest && order(newest, ours) > 0 && newest.transition !== ours.transition ? newest : undefined;
}

/**
 * How many hooks of the same transition run that were started before, with no other transition in between. One of them is at work, and the
 * others wait for it.
 */
export function sameBefore(folder: string, ours: TransitionMark): number {
  const older = marksIn(folder).filter((one) => order(one, ours) < 0);
  const other = older.findLastIndex(({ transition }) => transition !== ours.transition);
  return older.slice(other + 1).filter(isRunning).length;
}

/**
 * The last transition that Keepalived reported, and whether a hook carries it out: not always that of the newest mark, which may have left
 * it to another one.
 */
export function latestTransition(folder: string): { transition: Transition; atWork: boolean } | undefined {
  const marks = lastMarks(folder);
  const newest = marks.at(-1);
  return newest && { transition: newest.transition, atWork: marks.some(isRunning) };
}

/**
 * This hook ends. The newest mark stays, also of a hook that left its transition to another one: without it a hook of another transition
 * that was started before, and is late, would take itself for the newest.
 */
export function leaveNewest(folder: string, ours: TransitionMark): void {
  for (const one of lastMarks(folder).slice(0, -1)) {
    if (order(one, ours) === 0 || !isRunning(one)) removeMark(folder, one);
  }
}

/** The marks of the last transition that was reported, with no other one in between, the newest last. */
function lastMarks(folder: string): TransitionMark[] {
  const marks = marksIn(folder);
  const newest = marks.at(-1);
  return marks.slice(1 + marks.findLastIndex(({ transition }) => transition !== newest?.transition));
}

const removeMark = (folder: string, mark: TransitionMark): void =>
  rmSync(join(folder, fileName(mark)), { force: true });

/** Removes the marks that are older than `ours`. */
export function removeOlderMarks(folder: string, ours: TransitionMark): void {
  for (const one of marksIn(folder)) {
    if (order(one, ours) < 0) removeMark(folder, one);
  }
}

/** The process of this mark is still running. */
export const isRunning = (mark: TransitionMark): boolean => startTicks(mark.pid) === mark.ticks;

/** How long ago this transition was reported. */
export const markAge_s = ({ ticks }: TransitionMark): number => Math.max(0, (ticksNow() - ticks) / 100 - slack_s);

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
    .filter((one) => one.ticks <= now) // a mark from the future is from before a reboot
    .sort(order);
}

const order = (a: TransitionMark, b: TransitionMark): number => a.ticks - b.ticks || a.pid - b.pid;

const fileName = ({ ticks, pid, transition }: TransitionMark): string => `${ticks}-${pid}-${transition}`;

function parse(name: string): TransitionMark | undefined {
  const [, ticks, pid, transition] = /^(\d+)-(\d+)-(MASTER|BACKUP|FAULT|STOP)$/.exec(name) ?? [];
  return transition ? { ticks: Number(ticks), pid: Number(pid), transition: transition as Transition } : undefined;
}

// USER_HZ is 100 on every architecture that Node.js runs on. Computed from the start of this process: in a container /proc/uptime may
// count from the start of the container (lxcfs), while start times count from the boot of the host.
const ticksNow = (): number => (startTicks(process.pid) ?? 0) + (process.uptime() + slack_s) * 100;
// process.uptime() starts some time after the fork.
const slack_s = 1;
