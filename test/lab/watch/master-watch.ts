import { ReplyError } from "../../../src/redis/session.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";
import type { Reading } from "./intervals.ts";
import { MasterReport, type RedisState, type StateChange } from "./master-report.ts";

const answer_ms = 50;
// Longer than any write to an idle server takes, and much shorter than the pause of a hand-over.
const write_ms = 20;

/** Reads the state of each Redis every few milliseconds, over its unix socket, and records every change. */
export class MasterWatch {
  readonly #changes: StateChange[] = [];
  readonly #writable = new Map<string, Reading[]>();
  readonly #loops: Promise<void>[];
  #stopped = false;

  constructor(servers: readonly Server[], every_ms: number) {
    this.#loops = servers.map((server) => this.#follow(server, every_ms));
  }

  async stop(): Promise<MasterReport> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    return new MasterReport(this.#changes, this.#writable, monotonic_ms());
  }

  async #follow(server: Server, every_ms: number): Promise<void> {
    const probe = new RedisProbe(server);
    const readings: Reading[] = [];
    this.#writable.set(server.name, readings);
    let last: RedisState | undefined;
    while (!this.#stopped) {
      const at_ms = monotonic_ms();
      const state = await probe.state();
      if (state !== last) this.#changes.push({ at_ms, server: server.name, state });
      last = state;
      readings.push({ holds: state === "writable master", asked_ms: at_ms, answered_ms: monotonic_ms() });
      await sleep(every_ms);
    }
    probe.close();
  }
}

class RedisProbe {
  readonly #server: Server;
  #reader: RedisSocket | undefined;
  #writer: RedisSocket | undefined;
  #write: Promise<unknown> | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  async state(): Promise<RedisState> {
    if (!this.#server.isOn) return "none";
    try {
      if (!this.#reader?.open) this.#reader = this.#server.redisSocket();
      const info = String(await this.#reader.ask(["INFO", "replication"], answer_ms));
      if (!info.includes("role:master")) return info.includes("role:slave") ? "replica" : "none";
      return (await this.#acceptsWrites()) ? "writable master" : "fenced master";
    } catch (error) {
      return (error as Error).message.startsWith("no answer") ? "silent" : "none";
    }
  }

  // A write shows every kind of fence. This one changes nothing and is not replicated, since the key does not exist.
  async #acceptsWrites(): Promise<boolean> {
    if (!this.#writer?.open) {
      this.#writer = this.#server.redisSocket();
      this.#write = undefined;
    }
    this.#write ??= this.#writer.ask(["DEL", "lab:no-such-key"], 60_000).catch(() => undefined);
    const reply = await Promise.race([this.#write, sleep(write_ms).then(() => "blocked")]);
    if (reply === "blocked") return false;
    this.#write = undefined;
    return reply !== undefined && !(reply instanceof ReplyError);
  }

  close(): void {
    this.#reader?.close();
    this.#writer?.close();
  }
}
