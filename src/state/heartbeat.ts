import { closeSync, fstatSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { writeTrackFile } from "../keepalived/track-file.ts";
import type { HostReport } from "../model/host-report.ts";
import { uptime_s } from "../system/clock.ts";
import { oncePerTurn } from "../system/per-turn.ts";
import { startTicks } from "../system/process-start.ts";
import { readIfPresent } from "../system/read-file.ts";

/**
 * The agent's heartbeat file. While it is fresh, the hooks and the monitor leave the work to the agent. When the agent dies, hangs
 * or is stopped, they do the work. Format: process id, start time of the process, uptime in seconds, see `hundredths`.
 *
 * It is made by a rename and then written in place: Keepalived watches the folder, and wakes up for each file that is renamed or closed
 * in it, a hundred times a second with fifty clusters. All lines are equally long. A reader that meets a write finds a time between
 * the two, or an older one.
 */
export function writeHeartbeat(file: string): void {
  ourTicks ??= startTicks(process.pid) ?? 0;
  // Rounded down: a heartbeat from the future counts as none, and a reader half a millisecond later would do the agent's work.
  const at_s = Math.floor(uptime_s() * 1000) / 1000;
  const line = `${process.pid} ${ourTicks} ${at_s.toFixed(3)} ${hundredths()}`.padEnd(lineLength);
  const open = openFiles.get(file);
  if (open !== undefined && fstatSync(open).nlink > 0) return void writeSync(open, `${line}\n`, 0);
  if (open !== undefined) closeSync(open);
  openFiles.delete(file);
  writeTrackFile(file, line);
  openFiles.set(file, openSync(file, "r+"));
}

const lineLength = 63;
const openFiles = new Map<string, number>();

/**
 * The uptime in 1/100 s, for bin/check-health.sh: a shell can read /proc/uptime without starting a program. It may differ from
 * `uptime_s` (suspend, containers), but is the same for both. If it is missing, the script starts the monitor.
 */
const hundredths = oncePerTurn((): string => {
  try {
    const [uptime = ""] = readFileSync("/proc/uptime", "utf8").split(" ");
    return uptime.replace(".", "");
  } catch {
    return "";
  }
});

let ourTicks: number | undefined;

export const heartbeat_ms = 500;
/** Three heartbeats are missing: the agent hangs or is dead. */
export const silent_s = 1.5;

/** From now on the hooks and the monitor do the work. */
export const endHeartbeat = (file: string): void => rmSync(file, { force: true });

export function agentAlive(file: string): boolean {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return false;
  }
  const [pid, ticks, at_s] = text.trim().split(" ").map(Number);
  const age_s = uptime_s() - (at_s ?? 0);
  return age_s >= 0 && age_s < silent_s && startTicks(pid ?? 0) === ticks;
}

/** As `agentAlive`, for people. `died`: it has left its heartbeat behind; one that ends in order removes it. */
export function agentState(file: string): HostReport["agent"] {
  const [pid, ticks, at_s] = (readIfPresent(file) ?? "").trim().split(" ").map(Number);
  if (!pid) return { is: "none", silent_s: null };
  const silent_s = Math.max(0, uptime_s() - (at_s ?? 0));
  if (startTicks(pid) !== ticks) return { is: "died", silent_s };
  return { is: agentAlive(file) ? "alive" : "hung", silent_s };
}
