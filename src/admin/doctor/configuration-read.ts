import { existsSync, statSync } from "node:fs";
import spawn from "nano-spawn";
import type { ConfigurationRead } from "../../model/doctor.ts";
import { keepalivedStarted_ms } from "../../system/processes.ts";
import { readIfPresent } from "../../system/read-file.ts";

const program_ms = 2000;
const us_per_ms = 1000;
// The clock ticks in which starts are counted are coarse.
const exact_ms = 1000;

/**
 * Whether Keepalived has read its files since they were written; undefined while it does not run. It reads them when it, or a
 * process of its own that died, is started, and at a reload. A reload leaves its time in two places: the file of
 * `reload_check_config` is emptied before each, and systemd notes its own. What is left in that file says why the reload was
 * refused (2.2.7: read and tried; an empty file at a good one).
 */
export async function readConfigurationRead(
  files: readonly string[],
  reloadCheck: string,
): Promise<ConfigurationRead | undefined> {
  const started = keepalivedStarted_ms();
  if (started === undefined) return undefined;
  const checked = writtenAt(reloadCheck) ?? 0;
  const read = Math.max(started, checked, await changedBySystemd());
  const written = files.map((file) => ({ file, at: writtenAt(file) ?? 0 })).sort((a, b) => b.at - a.at)[0];
  if (written === undefined) return undefined;
  const since_ms = written.at - read;
  return {
    file: written.file,
    written_later_s: since_ms > exact_ms ? Math.round(since_ms / 1000) : undefined,
    refused: checked > started && saysWhy(readIfPresent(reloadCheck) ?? "") ? reloadCheck : undefined,
  };
}

/** Some versions write a NOTICE at a good reload. */
export const saysWhy = (text: string): boolean =>
  text.split("\n").some((line) => line.trim() !== "" && !line.includes("NOTICE"));

const writtenAt = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

/** When the unit was started or reloaded last; 0 without systemd, or if Keepalived is no unit. */
async function changedBySystemd(): Promise<number> {
  if (!existsSync("/run/systemd/system")) return 0;
  const args = ["show", "keepalived", "--property=StateChangeTimestampMonotonic", "--value"];
  const { stdout } = await spawn("systemctl", args, { timeout: program_ms, stdin: "ignore" });
  const us = Number(stdout);
  return us > 0 ? Date.now() - (Number(process.hrtime.bigint() / 1_000_000n) - us / us_per_ms) : 0;
}
