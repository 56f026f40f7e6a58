import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { startTicks } from "./transition-marks.ts";

/**
 * Small files in the state folder by which people and our own executables tell the monitor and the hooks something.
 * The drain mark is a Keepalived track file as well: its first number is what Keepalived reads, the rest is ours.
 */

/** Content of a drain mark that stands as long as this process lives. */
export const drainMark = (): string => `1 ${process.pid} ${startTicks(process.pid) ?? 0}\n`;

/** Whether this node is being drained. A mark whose maker died is removed: nobody else would. */
export function draining(file: string): boolean {
  const text = read(file);
  const [wish, pid, ticks] = (text ?? "").trim().split(/\s+/);
  if (!Number.parseInt(wish ?? "", 10)) return false;
  // A mark made by hand names no maker; it stands until it is removed by hand.
  if (pid === undefined || startTicks(Number(pid)) === Number(ticks)) return true;
  rmSync(file, { force: true });
  return false;
}

/** Whether an operator is at work (`maintenance on`), until a time in ms since 1970 where one was given. */
export function maintenance(file: string, now_ms: number): boolean {
  const text = read(file);
  if (text === undefined) return false;
  const until = Date.parse(text.trim());
  return Number.isNaN(until) || now_ms < until;
}

export function startMaintenance(file: string, until: Date | undefined): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, `${until?.toISOString() ?? "on"}\n`, { mode: 0o644 });
}

export const endMaintenance = (file: string): void => rmSync(file, { force: true });

function read(file: string): string | undefined {
  // Mostly it isn't there, and an agent asks several times a second: an error costs ten times as much as this answer.
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
