import { readdirSync } from "node:fs";
import os from "node:os";
import type { Log } from "../model/log.ts";

// What it starts inherits it: flock, logger, and redis-cli while a dump is taken.
const nice = -10;

/**
 * Puts this process before usual ones: a failover is a few short turns of it, and each one waited up to 3 ms behind whatever
 * else ran on a busy host (measured). All its threads: V8's main thread spins, collecting garbage, until its helpers are done.
 * In real time, and the helpers not, two agents spun for a second on both processors and nothing else ran (2 of 14 hangs
 * on the lab). Without the right to it (CAP_SYS_NICE) the agent works all the same.
 */
export function raisePriority(log: Log): void {
  try {
    // setpriority(2) is of one thread on Linux, whatever POSIX says; those that are started later inherit it.
    for (const thread of readdirSync("/proc/self/task")) os.setPriority(Number(thread), nice);
  } catch (error) {
    const { message } = error as Error;
    log.warn("priority-usual", "usual priority: a failover may take longer while this host is busy", {
      error: message,
    });
  }
}
