import { Worker } from "node:worker_threads";
import { CommandRefused } from "../../cluster/errors.ts";
import type { ProbeRecord } from "../../decide/drill/probe-record.ts";
import { vipOf } from "../../keepalived/virtual-ip.ts";
import { endpointOf } from "../../redis/session.ts";
import type { RedisContext } from "../../redis/sessions.ts";
import { first_ms, removal_ms, removalAnswer_ms, type Told, threadFile, type Writes } from "./probe-writer.ts";

// To load the file a second time, on a busy host.
const threadStarts_ms = 10_000;
const firstWrites = 3;
const start_ms = threadStarts_ms + firstWrites * first_ms;
const stop_ms = removal_ms + 2 * removalAnswer_ms;

export const probeKey = (cluster: { name: string }): string => `keepalived-redis:${cluster.name}:drill`;

/**
 * The client that writes through the virtual IP while a drill goes on. It runs in a thread of its own: the drill itself carries the moves
 * out, and what it does for the first time takes up to 30 ms, which would be counted as a part of the gap (measured: 0 to 30 ms, with moves
 * of 14 to 33 ms).
 */
export class ProbeClient {
  /** When each acknowledgement came, and what got lost, by `monotonic_ms`. */
  readonly record: ProbeRecord & { acknowledged_ms: number[]; losses: { at_ms: number; writes: number }[] } = {
    acknowledged_ms: [],
    losses: [],
  };
  readonly #thread: Worker;
  #told: (told: Told) => void = () => undefined;

  private constructor(writes: Writes, file: string) {
    this.#thread = new Worker(file, { workerData: writes });
    this.#thread.on("message", (told: Told) => this.#hear(told));
    // What is not heard of any more ends a drill by the next write that it waits for.
    this.#thread.on("error", ({ message }) => this.#told({ on: "refused", message, remedy: "" }));
    this.#thread.on("exit", () => this.#told({ on: "stopped", left: "the probe client ended" }));
  }

  /** `file` is that of the thread. Rejects with a CommandRefused if the key can't be written, or if another drill writes it. */
  static async start({ cluster, node, password }: RedisContext, file = threadFile): Promise<ProbeClient> {
    const endpoint = { ...endpointOf(cluster, node, password), host: vipOf(cluster) };
    const probe = new ProbeClient({ endpoint, key: probeKey(cluster) }, file);
    const first = await probe.#next(start_ms, "did not start");
    if (first.on === "refused") throw new CommandRefused(first.message, { remedy: first.remedy });
    if (first.on === "stopped") throw new Error(first.left);
    return probe;
  }

  get acknowledged(): number {
    return this.record.acknowledged_ms.length;
  }

  /** Removes the key. Resolves to why that was not possible; then the key expires. */
  async stop(): Promise<string | undefined> {
    const stopped = this.#next(stop_ms, "did not end");
    this.#thread.postMessage("stop");
    const last = await stopped;
    return last.on === "stopped" ? last.left : "the probe client failed";
  }

  #hear(told: Told): void {
    if (told.on === "written") {
      if (told.lost > 0) this.record.losses.push({ at_ms: told.at_ms, writes: told.lost });
      this.record.acknowledged_ms.push(told.at_ms);
    } else this.#told(told);
  }

  /** What it tells next, but for its writes. */
  #next(deadline_ms: number, otherwise: string): Promise<Told> {
    return new Promise((resolve) => {
      const late = () => {
        void this.#thread.terminate();
        resolve({ on: "stopped", left: `the probe client ${otherwise} within ${deadline_ms / 1000} s` });
      };
      const timer = setTimeout(late, deadline_ms);
      this.#told = (told) => {
        clearTimeout(timer);
        resolve(told);
      };
    });
  }
}
