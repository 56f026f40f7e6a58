import { readdirSync, readFileSync } from "node:fs";

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

function isKeepalived(pid: string): boolean {
  try {
    // A killed process stays in the list, in state Z, until its parent has waited for it.
    const [, name, state] = /^\d+ \((.*)\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return name === "keepalived" && state !== "Z";
  } catch {
    return false;
  }
}
