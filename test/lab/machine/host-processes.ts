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

/** Stops all processes of the host but its first one, and returns those that were not stopped already. */
export function stopProcesses(firstProcess: number): number[] {
  const stopped: number[] = [];
  for (let found = true; found; ) {
    const running = processesOf(firstProcess).filter(({ pid, hostPid }) => hostPid !== 1 && !isStopped(pid));
    const signalled = running.filter(({ pid }) => !stopped.includes(pid) && signal(pid, "SIGSTOP"));
    stopped.push(...signalled.map(({ pid }) => pid));
    // A process may have started others meanwhile.
    found = signalled.length > 0;
  }
  return stopped;
}

export function continueProcesses(pids: readonly number[]): void {
  for (const pid of pids) {
    signal(pid, "SIGCONT");
    // nsenter(1) stops itself when the command that it runs is stopped.
    const parent = Number(statusOf(pid, "PPid"));
    if (statusOf(parent, "Name") === "nsenter") signal(parent, "SIGCONT");
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

// A process that has ended can't be stopped any more.
const isStopped = (pid: number): boolean => statusOf(pid, "State")?.startsWith("T") ?? true;

function statusOf(pid: number, field: string): string | undefined {
  try {
    return new RegExp(`^${field}:\\t(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  } catch {
    return undefined;
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
