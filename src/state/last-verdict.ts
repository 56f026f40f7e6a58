import { readFileSync } from "node:fs";
import type { Contact, Verdict } from "../model/verdict.ts";
import { writeAtomically } from "../system/atomic-file.ts";
import { uptime_s } from "../system/clock.ts";

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

export function lastVerdict(file: string): LastVerdict | undefined {
  try {
    const last = JSON.parse(readFileSync(file, "utf8")) as LastVerdict;
    // After a reboot the folder is empty; where it isn't, its times mean nothing.
    return typeof last.healthy === "boolean" && last.since_s <= uptime_s() ? last : undefined;
  } catch {
    return undefined;
  }
}

export const rememberVerdict = (file: string, verdict: LastVerdict): void =>
  writeAtomically(file, `${JSON.stringify(verdict)}\n`);
