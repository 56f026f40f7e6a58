import { readdirSync, readFileSync } from "node:fs";

/** Whether a Keepalived runs on this host: pid files are where each distribution puts them, the process list isn't. */
export function keepalivedRuns(): boolean {
  return readdirSync("/proc").some((entry) => /^\d+$/.test(entry) && nameOf(entry) === "keepalived");
}

function nameOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return undefined;
  }
}
