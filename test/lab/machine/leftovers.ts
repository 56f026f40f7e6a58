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
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => namespaces.has(mountNamespace(pid) ?? ""))
    .map((pid) => ({ pid, started: startTime(pid) ?? "" }));
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

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22 of proc(5); the second one, the name, may hold spaces.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
