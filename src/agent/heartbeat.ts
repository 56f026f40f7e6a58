import type { Paths } from "../cluster/paths.ts";
import type { Log } from "../model/log.ts";
import { endHeartbeat, heartbeat_ms, silent_s, writeHeartbeat } from "../state/heartbeat.ts";
import { alignedTimer } from "../system/aligned-timer.ts";
import { uptime_s } from "../system/clock.ts";
import { takeLock } from "../system/lock.ts";

const lockWait_s = 15;

/** Tells the hooks and the monitor that this agent does their work, and the agent when it stood still for so long that they do. */
export class Heartbeat {
  readonly #paths: Paths;
  readonly #log: Log;
  #last_s = 0;
  #takingOver = false;
  #end: (() => void) | undefined;

  constructor(paths: Paths, log: Log) {
    this.#paths = paths;
    this.#log = log;
  }

  /** Rejects when a hook holds the lock for longer than any of its steps may take. */
  async start(): Promise<void> {
    await this.#takeOver();
    this.#end = alignedTimer(heartbeat_ms, () => {
      if (this.fresh) this.#write();
      else void this.#goOn();
    });
  }

  /** Hooks that are at work end first; those that come later see the heartbeat and leave the work to us. */
  async #takeOver(): Promise<void> {
    const lock = await takeLock(this.#paths.lock, lockWait_s);
    this.#write();
    lock.release();
  }

  /** We stood still for so long that hooks may be at work, or couldn't write the heartbeat. */
  async #goOn(): Promise<void> {
    if (this.#takingOver) return;
    this.#takingOver = true;
    await this.#takeOver().catch(({ message: error }: Error) =>
      this.#log.error("heartbeat-failed", "can't go on yet", { error }),
    );
    this.#takingOver = false;
  }

  get fresh(): boolean {
    return uptime_s() - this.#last_s < silent_s;
  }

  /** From here on the hooks and the monitor do the work. */
  stop(): void {
    this.#end?.();
    endHeartbeat(this.#paths.heartbeat);
  }

  #write(): void {
    try {
      writeHeartbeat(this.#paths.heartbeat);
      this.#last_s = uptime_s();
    } catch (error) {
      this.#log.error("heartbeat-failed", "can't write the heartbeat", { error: (error as Error).message });
    }
  }
}
