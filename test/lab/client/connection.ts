import { createConnection, type Socket } from "node:net";
import { encode, ReplyReader } from "../../../src/redis/resp.ts";
import { ReplyError } from "../../../src/redis/session.ts";
import { monotonic_ms } from "../machine/process.ts";
import { MasterFinder } from "./master-finder.ts";
import { valueFor, type WriterOptions } from "./writer-options.ts";

/** What all connections of a writer share. */
export interface Work {
  /** The number of the next key to write; undefined: enough. */
  next(): number | undefined;
  /** `runId` is the server's (INFO): through the VIP one can reach any of them. */
  acknowledged(key: number, runId: string): void;
  failed(kind: string): void;
}

/** One connection of the writer: opened anew, at once, whenever it breaks, and kept full of writes while it holds. */
export class Connection {
  readonly #options: WriterOptions;
  readonly #work: Work;
  readonly #finder: MasterFinder | undefined;
  #socket: Socket | undefined;
  /** Why it is about to be closed, when we know better than the socket does. */
  #cause = "closed";
  #pending: { key: number; sent_ms: number }[] = [];
  /** Replies to AUTH, SELECT and INFO that are still to come. */
  #greeting = 0;
  #runId = "";
  #refused = false;
  #over = false;

  constructor(options: WriterOptions, work: Work) {
    this.#options = options;
    this.#work = work;
    if (options.sentinels) this.#finder = new MasterFinder(options.sentinels);
    this.#connect();
  }

  get idle(): boolean {
    return this.#pending.length === 0;
  }

  /** Breaks the connection when the oldest write has waited too long. */
  checkPatience(now_ms: number): void {
    const [oldest] = this.#pending;
    if (oldest && now_ms - oldest.sent_ms >= this.#options.reply_timeout_ms) this.#break("reply time-out");
  }

  close(): void {
    this.#over = true;
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
        if (!this.#over) this.#dial(host, port);
      },
      () => this.#again("no Sentinel knows the master"),
    );
  }

  #again(cause: string): void {
    if (this.#over) return;
    this.#work.failed(cause);
    setTimeout(() => this.#connect(), this.#options.retry_ms);
  }

  #dial(host: string, port: number): void {
    const { connect_timeout_ms, retry_ms } = this.#options;
    this.#cause = "closed";
    this.#pending = [];
    const socket = createConnection({ host, port, noDelay: true });
    this.#socket = socket;
    // The kernel repeats a lost SYN only after a second: asking anew is how one sees when the VIP is back.
    const patience = setTimeout(() => this.#break("connect time-out"), connect_timeout_ms);
    const reader = new ReplyReader((reply) => this.#answered(reply));
    socket.on("connect", () => {
      clearTimeout(patience);
      this.#greet();
    });
    socket.on("data", (chunk: Buffer) => {
      this.#refused = false;
      reader.push(chunk);
      // A server that says no says it at once: without a pause this would be nothing but a busy loop.
      // Another server is the master by now, or will be: Sentinel knows which.
      if (this.#refused && this.#finder) this.#break("refused");
      else if (this.#refused) setTimeout(() => this.#fill(socket), retry_ms);
      else this.#fill(socket);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#cause = error.code ?? this.#cause;
    });
    socket.on("close", () => {
      clearTimeout(patience);
      this.#again(this.#cause);
    });
  }

  #break(cause: string): void {
    this.#cause = cause;
    this.#pending = [];
    this.#socket?.destroy();
  }

  #greet(): void {
    const { password, db } = this.#options;
    const greeting = [
      ...(password === undefined ? [] : [["AUTH", password]]),
      ...(db === 0 ? [] : [["SELECT", String(db)]]),
      ["INFO", "server"],
    ];
    this.#greeting = greeting.length;
    this.#socket?.write(greeting.map(encode).join(""));
    this.#fill(this.#socket);
  }

  #fill(socket: Socket | undefined): void {
    if (!socket || socket !== this.#socket || socket.destroyed) return;
    const { keyPrefix, pipeline } = this.#options;
    let text = "";
    while (this.#pending.length < pipeline) {
      const key = this.#work.next();
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
      this.#work.failed(reply.code);
    }
    if (this.#greeting > 0) {
      this.#greeting--;
      this.#runId = /^run_id:(\w+)/m.exec(String(reply))?.[1] ?? "";
      return;
    }
    const sent = this.#pending.shift();
    if (sent && !refused) this.#work.acknowledged(sent.key, this.#runId);
  }
}
