import { readdirSync, readFileSync } from "node:fs";
import { startTicks } from "./process-start.ts";

let lastFound: string | undefined;

/**
 * Whether Keepalived runs on this host, by the process list, since the path of its pid file depends on the distribution. The
 * process that was found last is checked first: an agent asks every second, and to read all processes takes milliseconds.
 */
export function keepalivedRuns(): boolean {
  if (lastFound !== undefined && isKeepalived(lastFound)) return true;
  lastFound = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && isKeepalived(entry));
  return lastFound !== undefined;
}

/** Whether a signal (SIGSTOP) has stopped it, or a child of it: one of its children speaks VRRP. */
export function keepalivedHangs(): boolean {
  if (!keepalivedRuns() || lastFound === undefined) return false;
  return [lastFound, ...childrenOf(lastFound)].some((pid) => keepalivedAt(pid)?.state === "T");
}

const isKeepalived = (pid: string): boolean => keepalivedAt(pid) !== undefined;

/** All of them, and those that are about to run a script. */
export const keepalivedProcesses = (): string[] =>
  readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && isKeepalived(entry));

/** The process of Keepalived that started this one, such as the one for VRRP a check; undefined if none did. */
export function keepalivedAbove(pid = String(process.ppid)): string | undefined {
  const found = processAt(pid);
  return found === undefined || isKeepalived(pid) ? found && pid : keepalivedAbove(found.parent);
}

/** Its parent, and the letter of ps for its state. */
function keepalivedAt(pid: string): { parent: string; state: string } | undefined {
  const found = processAt(pid);
  // A killed process stays in the list, in state Z, until its parent has waited for it.
  return found?.name === "keepalived" && found.state !== "Z" ? found : undefined;
}

function processAt(pid: string): { name: string; parent: string; state: string } | undefined {
  try {
    const [, name = "", state = "", parent] =
      /^\d+ \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return parent === undefined ? undefined : { name, parent, state };
  } catch {
    return undefined;
  }
}

function childrenOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  } catch {
    return [];
  }
}

const tick_ms = 10;

/**
 * When the newest process of Keepalived was started: the main one, or the one for VRRP, which it starts anew if that dies. Those
 * that are about to run a script are children of the latter, and do not count.
 */
export function keepalivedStarted_ms(): number | undefined {
  const found = new Map(
    readdirSync("/proc").flatMap((pid) => {
      const at = /^\d+$/.test(pid) ? keepalivedAt(pid) : undefined;
      return at === undefined ? [] : [[pid, at.parent] as const];
    }),
  );
  const main = [...found].filter(([, parent]) => !found.has(parent)).map(([pid]) => pid);
  const own = [...found].filter(([pid, parent]) => main.includes(pid) || main.includes(parent)).map(([pid]) => pid);
  const ticks = own.flatMap((pid) => startTicks(Number(pid)) ?? []);
  const uptime_ms = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
  return ticks.length === 0 ? undefined : Date.now() - uptime_ms + Math.max(...ticks) * tick_ms;
}
