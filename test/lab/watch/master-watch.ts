import { ReplyError } from "../../../src/redis/session.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";
import { MasterReport, type Seen } from "./master-report.ts";
import type { Sighting } from "./span.ts";

const answer_ms = 50;
// Longer than any write on an idle server takes, and much shorter than a hand-over's pause may last.
const write_ms = 20;

/** Looks at each server's Redis every few milliseconds, past the network, and keeps every change it sees. */
export class MasterWatch {
  readonly #changes: { at_ms: number; server: string; seen: Seen }[] = [];
  readonly #writable = new Map<string, Sighting[]>();
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
    const look = new Look(server);
    const sightings: Sighting[] = [];
    this.#writable.set(server.name, sightings);
    let last: Seen | undefined;
    while (!this.#stopped) {
      const at_ms = monotonic_ms();
      const seen = await look.now();
      if (seen !== last) this.#changes.push({ at_ms, server: server.name, seen });
      last = seen;
      sightings.push({ so: seen === "writable master", asked_ms: at_ms, answered_ms: monotonic_ms() });
      await sleep(every_ms);
    }
    look.close();
  }
}

class Look {
  readonly #server: Server;
  #asking: RedisSocket | undefined;
  #writing: RedisSocket | undefined;
  #write: Promise<unknown> | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  async now(): Promise<Seen> {
    if (!this.#server.isOn) return "none";
    try {
      if (!this.#asking?.open) this.#asking = this.#server.redisSocket();
      const info = String(await this.#asking.ask(["INFO", "replication"], answer_ms));
      if (!info.includes("role:master")) return info.includes("role:slave") ? "replica" : "none";
      return (await this.#takesWrites()) ? "writable master" : "fenced master";
    } catch (error) {
      return (error as Error).message.startsWith("no answer") ? "silent" : "none";
    }
  }

  // Whatever a fence is made of, a write shows it. This one changes nothing and is not replicated: there is no such key.
  async #takesWrites(): Promise<boolean> {
    if (!this.#writing?.open) {
      this.#writing = this.#server.redisSocket();
      this.#write = undefined;
    }
    this.#write ??= this.#writing.ask(["DEL", "lab:no-such-key"], 60_000).catch(() => undefined);
    const reply = await Promise.race([this.#write, sleep(write_ms).then(() => "held")]);
    if (reply === "held") return false;
    this.#write = undefined;
    return reply !== undefined && !(reply instanceof ReplyError);
  }

  close(): void {
    this.#asking?.close();
    this.#writing?.close();
  }
}
