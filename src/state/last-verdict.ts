import { readFileSync } from "node:fs";
import type { ReplicaPosition, RoleTaken, Verdict } from "../model/verdict.ts";
import { writeAtomically } from "../system/atomic-file.ts";
import { uptime_s } from "../system/clock.ts";

/** The state that the health check keeps from one run to the next. */
export interface LastVerdict extends Verdict {
  /** When this cause was first found, in seconds since boot: that clock can't be set. */
  since_s: number;
  at: string;
  /** How often this cause has been logged again. */
  reminders?: number | undefined;
  /** Why the cluster file can't be used, if so. */
  problem?: string | undefined;
  /** The run_id of the local Redis when this node was last fit. */
  run_id?: string | undefined;
  /** The number in the claim track file, and what it was computed from. */
  claim: number;
  replica_position?: ReplicaPosition | undefined;
  /** The local Redis was master at an earlier check, and this node has been the holder ever since. */
  was_master?: boolean | undefined;
  /** Since when this node is master without the virtual IP beside another master, in seconds since boot. */
  disputed_since_s?: number | undefined;
  /** How often another node took the role from this holder lately, and when it last did, in seconds since boot. */
  role_taken?: RoleTaken | undefined;
}

export function lastVerdict(file: string): LastVerdict | undefined {
  try {
    const last = JSON.parse(readFileSync(file, "utf8")) as LastVerdict;
    // A file from before a reboot, in a folder that was not emptied, is ignored.
    return typeof last.healthy === "boolean" && last.since_s <= uptime_s() ? last : undefined;
  } catch {
    return undefined;
  }
}

/** The virtual IP has left this node. Throws the error of the file system. */
export function forgetMaster(file: string): void {
  const last = lastVerdict(file);
  if (last?.was_master) rememberVerdict(file, { ...last, was_master: undefined });
}

export const rememberVerdict = (file: string, verdict: LastVerdict): void =>
  writeAtomically(file, `${JSON.stringify(verdict)}\n`);
