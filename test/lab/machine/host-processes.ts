import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process of a host. */
export interface HostProcess {
  /** Its process id on the machine, as the tests see it. */
  pid: number;
  /** Its process id on the host. */
  hostPid: number;
  /** As in /proc/PID/comm: the program's name, 15 characters at most. */
  name: string;
}

/** The processes of the host with this first process, sorted by their ids on the host. */
export function processesOf(firstProcess: number): HostProcess[] {
  const namespace = pidNamespace(firstProcess);
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pidNamespace(pid) === namespace)
    .flatMap((pid) => readProcess(pid) ?? [])
    .sort((one, other) => one.hostPid - other.hostPid);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readProcess(pid: number): HostProcess | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const name = /^Name:\t(.*)$/m.exec(status)?.[1] ?? "";
    const hostPid = Number(/^NSpid:.*\t(\d+)$/m.exec(status)?.[1]);
    return { pid, hostPid, name };
  } catch {
    return undefined;
  }
}

function pidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    // It has ended, or belongs to another user: not a process of the lab.
    return undefined;
  }
}
