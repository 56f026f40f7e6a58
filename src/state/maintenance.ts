import { rmSync } from "node:fs";
import type { HostReport } from "../model/host-report.ts";
import { writeAtomically } from "../system/atomic-file.ts";
import { readIfPresent } from "../system/read-file.ts";

/** Whether maintenance is on (`maintenance on`). The file may contain the time at which it ends. */
export function inMaintenance(file: string, now_ms: number): boolean {
  const text = readIfPresent(file);
  if (text === undefined) return false;
  const until = Date.parse(text.trim());
  return Number.isNaN(until) || now_ms < until;
}

/** `until`: ISO 8601; null if maintenance has no end, or is off. */
export function maintenanceState(file: string, now_ms: number): HostReport["maintenance"] {
  const on = inMaintenance(file, now_ms);
  const until = Date.parse(readIfPresent(file)?.trim() ?? "");
  return { on, until: on && !Number.isNaN(until) ? new Date(until).toISOString() : null };
}

/** `on`, `off`, or what the file says of its end. */
export function maintenanceInWords(file: string, now_ms: number): string {
  if (!inMaintenance(file, now_ms)) return "off";
  const text = readIfPresent(file)?.trim() ?? "";
  return text === "on" || text === "" ? "on" : `on, ${Number.isNaN(Date.parse(text)) ? text : `until ${text}`}`;
}

export const startMaintenance = (file: string, until: Date | undefined): void =>
  writeAtomically(file, `${until?.toISOString() ?? "on"}\n`);

export const endMaintenance = (file: string): void => rmSync(file, { force: true });
