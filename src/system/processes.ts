import { readdirSync, readFileSync } from "node:fs";

/** Whether a Keepalived runs on this host: pid files are where each distribution puts them, the process list isn't. */
export function keepalivedRuns(): boolean {
  return readdirSync("/proc").some((entry) => /^\d+$/.test(entry) && nameOf(entry) === "keepalived");
}

function nameOf(pid: string): string | undefined {
  try {
    // One that was killed stays in the list until its parent has noticed (state Z), and does nothing more.
    const [, name, state] = /^\d+ \((.*)\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return state === "Z" ? undefined : name;
  } catch {
    return undefined;
  }
}
