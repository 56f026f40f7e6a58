import { readdirSync, readFileSync } from "node:fs";

let known: string | undefined;

/**
 * Whether a Keepalived runs on this host, by the process list: where its pid file is depends on the distribution. The process that
 * was found last is looked at first, since an agent asks every second and a list of processes takes milliseconds to read.
 */
export function keepalivedRuns(): boolean {
  if (known !== undefined && isKeepalived(known)) return true;
  known = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && isKeepalived(entry));
  return known !== undefined;
}

function isKeepalived(pid: string): boolean {
  try {
    // One that was killed stays in the list until its parent has noticed (state Z), and does nothing more.
    const [, name, state] = /^\d+ \((.*)\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return name === "keepalived" && state !== "Z";
  } catch {
    return false;
  }
}
