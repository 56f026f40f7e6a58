import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { monotonic_ms, sleep } from "./process.ts";

const end_ms = 5000;

/** A process with its start time, since process ids are reused. */
interface Process {
  pid: number;
  started: string;
}

/** All processes that are in a mount namespace of the given ones. */
export function processesInNamespacesOf(pids: readonly number[]): Process[] {
  const namespaces = new Set(pids.map(mountNamespace).filter((link) => link !== undefined));
  return allPids()
    .filter((pid) => namespaces.has(mountNamespace(pid) ?? ""))
    .map(identify);
}

/** All descendants of a process. */
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

/** Those of these processes that have not ended. */
export const stillRunning = (processes: readonly Process[]): Process[] =>
  processes.filter(({ pid, started }) => startTime(pid) === started);

/** Rejects if one of these processes is still running after 5 s. */
export async function waitForEnd(processes: readonly Process[]): Promise<void> {
  const end = monotonic_ms() + end_ms;
  for (;;) {
    const left = stillRunning(processes);
    if (left.length === 0) return;
    if (monotonic_ms() > end)
      throw new Error(`processes of the lab are still running: ${left.map(({ pid }) => pid).join(", ")}`);
    await sleep(5);
  }
}

function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    // It has ended, or belongs to another user: not a process of the lab.
    return undefined;
  }
}

const allPids = (): number[] => readdirSync("/proc").map(Number).filter(Number.isInteger);
const identify = (pid: number): Process => ({ pid, started: startTime(pid) ?? "" });
const startTime = (pid: number): string | undefined => stat(pid)?.[19];

/** The fields of /proc/PID/stat from the third one on. The second one, the name, may contain spaces. */
function stat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
