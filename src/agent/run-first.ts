import os from "node:os";
import type { Log } from "../log.ts";

// What it starts inherits it: flock, logger, and redis-cli while a dump is taken.
const nice = -10;

/**
 * Puts this process before usual ones: a failover is a few short turns of it, and each one waited up to 3 ms behind whatever
 * else ran on a busy host (measured). Not in real time: with that both servers went unheard for half a second in 2 of 10 hangs,
 * without it in none of 9. Without the right to it (CAP_SYS_NICE) the agent works all the same.
 */
export function runFirst(log: Log): void {
  try {
    os.setPriority(nice);
  } catch (error) {
    const { message } = error as Error;
    log.warn("usual priority: a failover may take longer while this host is busy", { error: message });
  }
}
