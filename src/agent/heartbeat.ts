import type { Paths } from "../cluster/paths.ts";
import type { Log } from "../model/log.ts";
import { agentState, endHeartbeat, heartbeat_ms, silent_s, writeHeartbeat } from "../state/heartbeat.ts";
import { alignedTimer } from "../system/aligned-timer.ts";
import { uptime_s } from "../system/clock.ts";
import { takeLock } from "../system/lock.ts";

const lockWait_s = 15;

/**
 * Tells the hooks and the monitor that this agent does their work. Also tells the agent whether its heartbeat is stale: then the
 * hooks and the monitor do the work.
 */
export class Heartbeat {
  readonly #paths: Paths;
  readonly #log: Log;
  #last_s = 0;
  #resuming: Promise<void> | undefined;
  #end: (() => void) | undefined;
  #stopped = false;

  constructor(paths: Paths, log: Log) {
    this.#paths = paths;
    this.#log = log;
  }

  /** Rejects if a hook holds the lock for longer than any of its steps may take. */
  async start(): Promise<void> {
    const before = agentState(this.#paths.heartbeat);
    await this.#takeOver();
    this.#logStart(before);
    this.#end = alignedTimer(heartbeat_ms, () => {
      if (this.fresh) this.#write();
      else void this.resumed();
    });
  }

  /** An agent that ends in order removes its heartbeat; after a boot there is none. */
  #logStart({ is, silent_s }: ReturnType<typeof agentState>): void {
    const previous = { previous: "killed", silent_s: Number(silent_s?.toFixed(1)) };
    if (is === "died")
      this.#log.warn("agent-started", "the agent was started; the one before it was killed or has crashed", previous);
    else this.#log.info("agent-started", "the agent was started", { previous: "ended" });
  }

  /** Waits until running hooks have ended. Hooks that start later see the heartbeat and do not act. */
  async #takeOver(): Promise<void> {
    const lock = await takeLock(this.#paths.lock, lockWait_s);
    this.#write();
    lock.release();
  }

  /**
   * The heartbeat was stale: this process was suspended, or could not write it. Hooks may be running: once they have ended, this agent
   * does the work again, or after 15 s it still doesn't. Never rejects.
   */
  async resumed(): Promise<void> {
    if (this.fresh || this.#stopped) return;
    this.#resuming ??= this.#resume()
      .catch(({ message: error }: Error) =>
        this.#log.error("heartbeat-failed", "the heartbeat was stale, and the agent can't resume its work yet", {
          error,
        }),
      )
      .finally(() => {
        this.#resuming = undefined;
      });
    await this.#resuming;
  }

  async #resume(): Promise<void> {
    const silent = Number((uptime_s() - this.#last_s).toFixed(1));
    await this.#takeOver();
    if (!this.fresh) return;
    const message = `the agent works again: it stood still for ${silent} s, or could not write its heartbeat`;
    this.#log.warn("agent-resumed", message, { silent_s: silent });
  }

  get fresh(): boolean {
    return uptime_s() - this.#last_s < silent_s;
  }

  /** From then on the hooks and the monitor do the work. */
  stop(): void {
    this.#end?.();
    this.#stopped = true;
    endHeartbeat(this.#paths.heartbeat);
    this.#log.info("agent-stopped", "the agent was told to stop: from now on hooks and monitor do its work");
  }

  #write(): void {
    if (this.#stopped) return;
    try {
      writeHeartbeat(this.#paths.heartbeat);
      this.#last_s = uptime_s();
    } catch (error) {
      this.#log.error("heartbeat-failed", "can't write the heartbeat", { error: (error as Error).message });
    }
  }
}
