import { createConnection, type Socket } from "node:net";
import { connect } from "node:tls";
import { encode, ReplyReader } from "../../../src/redis/resp.ts";
import { ReplyError } from "../../../src/redis/session.ts";
import { monotonic_ms } from "../machine/process.ts";
import { connectSoon } from "./connect-soon.ts";
import { MasterFinder } from "./master-finder.ts";
import { valueFor, type WriterOptions } from "./writer-options.ts";

/** The keys to write, and the results: shared by all connections of a writer. */
export interface WriteQueue {
  /** The number of the next key; undefined if all are written. */
  next(): number | undefined;
  /** `runId` is that of the server in INFO, since the VIP may lead to any server. */
  acknowledged(key: number, runId: string): void;
  failed(kind: string): void;
}

/** A connection of the writer. It reconnects at once when it breaks, and always has as many writes in flight as `pipeline`. */
export class Connection {
  readonly #options: WriterOptions;
  readonly #queue: WriteQueue;
  readonly #finder: MasterFinder | undefined;
  #socket: Socket | undefined;
  /** Why it is closed, if this is known better than by the socket. */
  #cause = "closed";
  #pending: { key: number; sent_ms: number }[] = [];
  /** The number of outstanding replies to AUTH, SELECT and INFO. */
  #setupReplies = 0;
  #runId = "";
  #refused = false;
  #stopped = false;

  constructor(options: WriterOptions, queue: WriteQueue) {
    this.#options = options;
    this.#queue = queue;
    if (options.sentinels) this.#finder = new MasterFinder(options.sentinels);
    this.#connect();
  }

  get idle(): boolean {
    return this.#pending.length === 0;
  }

  /** Closes the connection if the oldest write has waited for longer than the reply time-out. */
  checkTimeout(now_ms: number): void {
    const [oldest] = this.#pending;
    if (oldest && now_ms - oldest.sent_ms >= this.#options.reply_timeout_ms) this.#break("reply time-out");
  }

  close(): void {
    this.#stopped = true;
    this.#finder?.close();
    this.#socket?.destroy();
  }

  #connect(): void {
    if (!this.#finder) this.#dial(this.#options.host, this.#options.port);
    else this.#askSentinel(this.#finder);
  }

  #askSentinel(finder: MasterFinder): void {
    finder.find().then(
      ({ host, port }) => {
        if (!this.#stopped) this.#dial(host, port);
      },
      () => this.#retry("no Sentinel knows the master"),
    );
  }

  #retry(cause: string): void {
    if (this.#stopped) return;
    this.#queue.failed(cause);
    setTimeout(() => this.#connect(), this.#options.retry_ms);
  }

  #dial(host: string, port: number): void {
    const { attempt_every_ms, connect_timeout_ms, tls } = this.#options;
    this.#cause = "closed";
    this.#pending = [];
    if (attempt_every_ms !== undefined) {
      connectSoon(host, port, attempt_every_ms, connect_timeout_ms).then(
        (socket) => {
          this.#use(socket);
          this.#sendSetup();
        },
        () => this.#retry("connect time-out"),
      );
      return;
    }
    const socket = tls ? connect({ host, port, ...tls }) : createConnection({ host, port, noDelay: true });
    // The kernel repeats a lost SYN only after a second. A new attempt finds earlier that the VIP is back.
    const timer = setTimeout(() => this.#break("connect time-out"), connect_timeout_ms);
    socket.on("close", () => clearTimeout(timer));
    socket.on(tls ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      this.#sendSetup();
    });
    this.#use(socket);
  }

  #use(socket: Socket): void {
    const { pause_ms, retry_ms } = this.#options;
    this.#socket = socket;
    if (this.#stopped) socket.destroy();
    const reader = new ReplyReader((reply) => this.#answered(reply));
    socket.on("data", (chunk: Buffer) => {
      this.#refused = false;
      reader.push(chunk);
      // With Sentinel: another server is the master by now, or will be, and Sentinel knows which. Without: a pause, since a
      // server refuses at once, and this would be a busy loop.
      if (this.#refused && this.#finder) this.#break("refused");
      else if (this.#refused) setTimeout(() => this.#fill(socket), retry_ms);
      else if (pause_ms > 0) setTimeout(() => this.#fill(socket), pause_ms);
      else this.#fill(socket);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#cause = error.code ?? this.#cause;
    });
    socket.on("close", () => this.#retry(this.#cause));
  }

  #break(cause: string): void {
    this.#cause = cause;
    this.#pending = [];
    this.#socket?.destroy();
  }

  #sendSetup(): void {
    const { password, db } = this.#options;
    const setup = [
      ...(password === undefined ? [] : [["AUTH", password]]),
      ...(db === 0 ? [] : [["SELECT", String(db)]]),
      ["INFO", "server"],
    ];
    this.#setupReplies = setup.length;
    this.#socket?.write(setup.map(encode).join(""));
    this.#fill(this.#socket);
  }

  #fill(socket: Socket | undefined): void {
    if (!socket || socket !== this.#socket || socket.destroyed) return;
    const { keyPrefix, pipeline } = this.#options;
    let text = "";
    while (this.#pending.length < pipeline) {
      const key = this.#queue.next();
      if (key === undefined) break;
      text += encode(["SET", `${keyPrefix}:${key}`, valueFor(key, this.#options)]);
      this.#pending.push({ key, sent_ms: monotonic_ms() });
    }
    if (text !== "") socket.write(text);
  }

  #answered(reply: unknown): void {
    const refused = reply instanceof ReplyError;
    if (refused) {
      this.#refused = true;
      this.#queue.failed(reply.code);
    }
    if (this.#setupReplies > 0) {
      this.#setupReplies--;
      this.#runId = /^run_id:(\w+)/m.exec(String(reply))?.[1] ?? "";
      return;
    }
    const sent = this.#pending.shift();
    if (sent && !refused) this.#queue.acknowledged(sent.key, this.#runId);
  }
}
