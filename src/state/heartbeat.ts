import { readFileSync, rmSync } from "node:fs";
import { writeTrackFile } from "../keepalived/track-file.ts";
import { uptime_s } from "../system/clock.ts";
import { startTicks } from "../system/process-start.ts";

/**
 * The agent's heartbeat. While it is fresh the hooks and the monitor leave the work to the agent; when the agent is
 * killed, hangs or is stopped they go on as if there never was one. First its process, then when it last said so.
 */
export function writeHeartbeat(file: string): void {
  ourTicks ??= startTicks(process.pid) ?? 0;
  writeTrackFile(file, `${process.pid} ${ourTicks} ${uptime_s().toFixed(3)} ${hundredths()}`);
}

/**
 * For bin/check-heartbeat.sh, which can't read our clock without starting a program. /proc/uptime may count from another moment
 * (suspend, a container's start), but reads the same for both. Without it, or where it is odd, the monitor is started.
 */
function hundredths(): string {
  try {
    const [uptime = ""] = readFileSync("/proc/uptime", "utf8").split(" ");
    return uptime.replace(".", "");
  } catch {
    return "";
  }
}

let ourTicks: number | undefined;

export const heartbeat_ms = 500;
/** Three heartbeats: whoever misses so many may miss a failure, too. */
export const silent_s = 1.5;

/** From here on nobody waits for this agent. */
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
