import { readdirSync } from "node:fs";
import os from "node:os";
import type { Log } from "../model/log.ts";

// Child processes inherit it: flock, logger, and redis-cli while a dump is taken.
const nice = -10;

/**
 * Raises the priority of this process. During a failover it must run several times, shortly, and on a busy host it waited up
 * to 3 ms each time (measured). All threads get the same priority: V8's main thread busy-waits for its helper threads while
 * it collects garbage. With a real-time scheduler for the main thread only, two agents kept both processors busy for a
 * second (2 of 14 hangs in the lab). Without the right to it (CAP_SYS_NICE) the agent works with usual priority.
 */
export function raisePriority(log: Log): void {
  try {
    // On Linux setpriority(2) changes one thread, unlike POSIX. Threads that are started later inherit it.
    for (const thread of readdirSync("/proc/self/task")) os.setPriority(Number(thread), nice);
  } catch (error) {
    const { message } = error as Error;
    log.warn("priority-usual", "can't raise the priority of the agent: a failover may take longer on a busy host", {
      error: message,
    });
  }
}
