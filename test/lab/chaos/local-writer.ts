import { ReplyError } from "../../../src/redis/session.ts";
import { Acknowledgements } from "../client/acknowledgements.ts";
import { WriteReport } from "../client/write-report.ts";
import { valueFor } from "../client/writer-options.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";
import type { SharedWrite } from "./shared-keys.ts";

// As the writer on the client's host. LossCauses counts on it.
const reply_ms = 250;
const pause_ms = 4;
const refused_ms = 20;
const sharedKeys = 5;
/** One write in so many is of a shared key. */
const sharedEvery = 5;

export interface LocalWrites {
  /** Of keys that only this writer changes, one write each. */
  own: WriteReport;
  /** As `own`, for those who only count: the acknowledged ones of `shared`. */
  sharedReport: WriteReport;
  shared: SharedWrite[];
}

/**
 * A program on the host of a server, which writes to the local Redis whenever that accepts writes: so each side of a split has a client.
 * It is part of the test's process, so that it goes on when the host is switched off and on again.
 */
export class LocalWriter {
  readonly #server: Server;
  readonly #options: { keyPrefix: string; db: number; valueBytes: number };
  readonly #sharedPrefix: string;
  readonly #own = new Acknowledgements();
  readonly #sharedAcks = new Acknowledgements();
  readonly #shared: SharedWrite[] = [];
  readonly #runIds: string[] = [];
  readonly #loop: Promise<void>;
  #socket: RedisSocket | undefined;
  #next = 0;
  #stopped = false;

  /** `name` begins the keys, and is another one in each round. */
  constructor(server: Server, name: string) {
    this.#server = server;
    this.#options = { keyPrefix: `${name}:${server.name}`, db: 0, valueBytes: 0 };
    this.#sharedPrefix = `${name}:shared`;
    this.#loop = this.#write();
  }

  async stop(): Promise<LocalWrites> {
    this.#stopped = true;
    await this.#loop;
    this.#socket?.close();
    const report = (acks: Acknowledgements) => new WriteReport(acks, this.#options, {}, this.#runIds);
    return { own: report(this.#own), sharedReport: report(this.#sharedAcks), shared: this.#shared };
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      await this.#writeOnConnection().catch(() => undefined);
      this.#socket?.close();
      await sleep(refused_ms);
    }
  }

  /** Rejects when the connection ends, or a write is not answered in time. */
  async #writeOnConnection(): Promise<void> {
    if (!this.#server.isOn) return;
    const socket = this.#server.redisSocket();
    this.#socket = socket;
    const runId = /^run_id:(\w+)/m.exec(String(await socket.ask(["INFO", "server"], reply_ms)))?.[1];
    if (runId === undefined) return;
    if (!this.#runIds.includes(runId)) this.#runIds.push(runId);
    while (!this.#stopped) {
      const number = this.#next++;
      const done =
        number % sharedEvery === 0
          ? await this.#writeShared(socket, number, runId)
          : await this.#writeOwn(socket, number, runId);
      await sleep(done ? pause_ms : refused_ms);
    }
  }

  async #writeOwn(socket: RedisSocket, number: number, runId: string): Promise<boolean> {
    const { keyPrefix } = this.#options;
    const reply = await socket.ask(["SET", `${keyPrefix}:${number}`, valueFor(number, this.#options)], reply_ms);
    if (reply instanceof ReplyError) return false;
    this.#own.add(number, monotonic_ms(), this.#runIds.indexOf(runId));
    return true;
  }

  /** The value that a write replaces tells which history it is part of. */
  async #writeShared(socket: RedisSocket, number: number, runId: string): Promise<boolean> {
    const key = `${this.#sharedPrefix}:${(number / sharedEvery) % sharedKeys}`;
    const write: SharedWrite = {
      ...{ key, value: `${this.#server.name} ${number}`, writer: this.#server.name, runId },
      ...{ at_ms: monotonic_ms(), acknowledged: false, replaced: undefined },
    };
    this.#shared.push(write);
    const reply = await socket.ask(["GETSET", key, write.value], reply_ms);
    if (reply instanceof ReplyError) {
      this.#shared.splice(this.#shared.indexOf(write), 1);
      return false;
    }
    Object.assign(write, { at_ms: monotonic_ms(), acknowledged: true, replaced: reply ?? undefined });
    this.#sharedAcks.add(number, write.at_ms, this.#runIds.indexOf(runId));
    return true;
  }
}
