import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Contact } from "../decide/claim.ts";
import type { Verdict } from "../decide/verdict.ts";

/** The monitor's memory from one run to the next. */
export interface LastVerdict extends Verdict {
  /** When this cause was first found, in seconds since boot: a clock that nobody can set. */
  since_s: number;
  at: string;
  /** What is wrong besides: a cluster file that can't be used. */
  problem?: string | undefined;
  /** Redis' process when this node was last found fit. */
  run_id?: string | undefined;
  /** What the claim track file says, and what it was worked out from. */
  claim: number;
  contact?: Contact | undefined;
}

/** Seconds since boot (CLOCK_MONOTONIC), the same for every process on this host. */
export const uptime_s = (): number => Number(process.hrtime.bigint()) / 1e9;

export function readVerdict(file: string): LastVerdict | undefined {
  try {
    const last = JSON.parse(readFileSync(file, "utf8")) as LastVerdict;
    // After a reboot the folder is empty; where it isn't, its times mean nothing.
    return typeof last.healthy === "boolean" && last.since_s <= uptime_s() ? last : undefined;
  } catch {
    return undefined;
  }
}

/** Writes by rename, so that a reader (`status`, the next run) never sees half a file. */
export function writeVerdict(file: string, verdict: LastVerdict): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(verdict)}\n`, { mode: 0o644 });
  renameSync(fresh, file);
}
