import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { monotonic_ms, sleep } from "./process.ts";

const end_ms = 5000;

/** A process that can't be taken for another one that got its number later. */
interface Process {
  pid: number;
  started: string;
}

/** All processes in the mount namespaces of the given ones. */
export function processesWith(pids: readonly number[]): Process[] {
  const namespaces = new Set(pids.map(mountNamespace).filter((link) => link !== undefined));
  return allPids()
    .filter((pid) => namespaces.has(mountNamespace(pid) ?? ""))
    .map(identify);
}

/** All processes that this one started, and those that they started, and so on. */
export function descendantsOf(ancestor: number): Process[] {
  const family = new Set([ancestor]);
  const parents = new Map(allPids().map((pid) => [pid, Number(stat(pid)?.[1])]));
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid);
  }
  family.delete(ancestor);
  return [...family].map(identify);
}

/** Rejects when any of these is still there after a while. */
export async function waitForEnd(processes: readonly Process[]): Promise<void> {
  const end = monotonic_ms() + end_ms;
  for (;;) {
    const left = processes.filter(({ pid, started }) => startTime(pid) === started);
    if (left.length === 0) return;
    if (monotonic_ms() > end) throw new Error(`left behind by the lab: ${left.map(({ pid }) => pid).join(", ")}`);
    await sleep(5);
  }
}

function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    // Gone, or another user's: not of the lab then.
    return undefined;
  }
}

const allPids = (): number[] => readdirSync("/proc").map(Number).filter(Number.isInteger);
const identify = (pid: number): Process => ({ pid, started: startTime(pid) ?? "" });
const startTime = (pid: number): string | undefined => stat(pid)?.[19];

/** The fields of proc(5)'s stat from the third one on: the second, the name, may hold spaces. */
function stat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
