import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Log } from "../log.ts";

const deadline_ms = 2000;

/**
 * Puts this process ahead of all usual ones, at the lowest real-time priority: a failover is a few short turns of it, and each
 * one waited up to 3 ms behind whatever else ran on a busy host (measured). What it starts runs as usual (sched(7),
 * SCHED_RESET_ON_FORK). By chrt(1) of util-linux, since Node knows only the nice value. Without the right to it
 * (CAP_SYS_NICE) the agent works all the same. Never rejects.
 */
export async function runFirst(log: Log): Promise<void> {
  const args = ["--rr", "--reset-on-fork", "--pid", "1", String(process.pid)];
  try {
    await promisify(execFile)("chrt", args, { timeout: deadline_ms });
  } catch (error) {
    const { message } = error as Error;
    log.warn("no real-time priority: a failover may take longer while this host is busy", { error: message.trim() });
  }
}
