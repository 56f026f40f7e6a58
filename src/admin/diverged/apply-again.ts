import { setTimeout as sleep } from "node:timers/promises";
import { CommandRefused } from "../../cluster/errors.ts";
import { type Lock, takeLock } from "../../system/lock.ts";

/** No node is master at this moment, or two are. */
export class NoMaster extends CommandRefused {}

const pause_ms = 1000;

/**
 * Applies a file, and tries again for so long while there is no master, or while it is lost amid the work: a role that has just moved may
 * move once more. Each attempt goes on from where the last one was. The file is locked: two commands would not know of each other what is
 * left of it.
 */
export async function applyLocked<T>(
  file: string,
  attempt: () => Promise<T>,
  wait_s: number,
  proceed: () => void,
): Promise<T> {
  const lock = await lockFile(file, wait_s);
  try {
    return await untilDone(attempt, wait_s, proceed);
  } finally {
    lock.release();
  }
}

async function untilDone<T>(attempt: () => Promise<T>, wait_s: number, proceed: () => void): Promise<T> {
  const end = performance.now() + wait_s * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      // All else comes from a server: it is gone, refuses a command, or no longer has the history that it had.
      const remains = error instanceof CommandRefused && !(error instanceof NoMaster);
      if (remains || performance.now() + pause_ms > end) throw error;
    }
    await sleep(pause_ms);
    proceed();
  }
}

async function lockFile(file: string, wait_s: number): Promise<Lock> {
  try {
    return await takeLock(file, Math.max(wait_s, 1));
  } catch (error) {
    throw new CommandRefused((error as Error).message, {
      remedy: "another `diverged apply` of the same writes is running: wait for its end",
    });
  }
}
