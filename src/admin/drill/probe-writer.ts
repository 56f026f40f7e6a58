import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMainThread, type MessagePort, parentPort, workerData } from "node:worker_threads";
import { CommandRefused } from "../../cluster/errors.ts";
import { lostBefore } from "../../decide/drill/probe-record.ts";
import { openConnection } from "../../redis/connection.ts";
import { type Endpoint, ReplyError, type Session } from "../../redis/session.ts";
import { monotonic_ms } from "../../system/clock.ts";
import { connectSoon } from "./connect-soon.ts";

/** Longer than any part in which no write may be accepted: an abandoned key is gone after it. */
export const keyLives_s = 60;
// After a move that failed writes are held back for 15 s at most.
export const removal_ms = 16_000;
export const removalAnswer_ms = 2000;
export const first_ms = 2000;
/** Of the executable itself, once it is built. */
export const threadFile = fileURLToPath(import.meta.url);

const every_ms = 1;
// As the client of the figures (bench/RESULTS.md). A TLS handshake takes longer than a connection.
const answer_ms = 25;
const tlsAnswer_ms = 100;
// A gap of a planned move is about 15 ms, and is to be measured to a fifth of that.
const attempt_ms = 2;
const tlsAttempt_ms = 20;
const betweenRemovals_ms = 50;

export interface Writes {
  endpoint: Endpoint;
  key: string;
}

/** What the thread tells: the first write, each acknowledgement (by `monotonic_ms`, with the writes that turned out to be lost), the end. */
export type Told =
  | { on: "started" }
  | { on: "refused"; message: string; remedy: string }
  | { on: "written"; at_ms: number; lost: number }
  | { on: "stopped"; left: string | undefined };

/**
 * Writes one key through the virtual IP, a thousand times a second, and retries at once. The key expires by itself. Each write returns
 * the value that it replaces, so the first write to a new master shows which ones that one lacks.
 */
class ProbeWriter {
  readonly #endpoint: Endpoint;
  readonly #key: string;
  readonly #tell: (told: Told) => void;
  readonly #id = randomBytes(6).toString("hex");
  #session: Session | undefined;
  #acknowledged = 0;
  #stopped = false;

  constructor({ endpoint, key }: Writes, tell: (told: Told) => void) {
    this.#endpoint = endpoint;
    this.#key = key;
    this.#tell = tell;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Until `stop` is called; then the key is removed. Never rejects. */
  async run(): Promise<void> {
    try {
      await this.#firstWrite();
    } catch (error) {
      const { message, remedy = "" } = error as CommandRefused;
      this.#tell({ on: "refused", message, remedy });
      return;
    }
    this.#tell({ on: "started" });
    while (!this.#stopped) {
      await this.#write();
      await sleep(every_ms);
    }
    this.#session?.close();
    this.#tell({ on: "stopped", left: await this.#remove() });
  }

  async #firstWrite(): Promise<void> {
    const session = await openConnection(this.#endpoint, first_ms);
    try {
      const written = await session.ask("SET", this.#key, this.#value(0), "PX", `${keyLives_s * 1000}`, "NX");
      if (written === null)
        throw new CommandRefused(`the key ${this.#key} is there: another drill runs, or was killed`, {
          remedy: `wait for its end; what was killed leaves the key for ${keyLives_s} s`,
        });
      // It must be allowed to do what the others do, before anything is moved.
      await session.ask("SET", this.#key, this.#value(0), "PX", `${keyLives_s * 1000}`, "GET");
    } catch (error) {
      if (error instanceof CommandRefused) throw error;
      throw new CommandRefused(
        `the key ${this.#key} can't be written through the virtual IP: ${(error as Error).message}`,
        {
          remedy: "a user of redis.username needs ~keepalived-redis:* +set +del (docs/redis.md)",
        },
      );
    } finally {
      session.close();
    }
  }

  async #write(): Promise<void> {
    const next = this.#acknowledged + 1;
    try {
      this.#session ??= await this.#connect();
      if (!this.#session) return;
      const found = await this.#session.ask("SET", this.#key, this.#value(next), "PX", `${keyLives_s * 1000}`, "GET");
      const lost = lostBefore(this.#acknowledged, this.#numberIn(found));
      this.#tell({ on: "written", at_ms: monotonic_ms(), lost });
      this.#acknowledged = next;
    } catch (error) {
      // It will be master, or end our session: as with the client of the figures, to ask again is faster than to connect anew.
      if (error instanceof ReplyError && error.code === "READONLY") return;
      // Refused, or broken: the virtual IP may lead to another server by now.
      this.#session?.close();
      this.#session = undefined;
    }
  }

  #connect(): Promise<Session | undefined> {
    const [deadline_ms, every_ms] = this.#endpoint.tls ? [tlsAnswer_ms, tlsAttempt_ms] : [answer_ms, attempt_ms];
    return connectSoon(
      () => openConnection(this.#endpoint, deadline_ms),
      every_ms,
      () => !this.#stopped,
    );
  }

  /** Resolves to why that was not possible; then the key expires. */
  async #remove(): Promise<string | undefined> {
    let why = "";
    for (const end_ms = performance.now() + removal_ms; performance.now() < end_ms; await sleep(betweenRemovals_ms)) {
      const session = await openConnection(this.#endpoint, removalAnswer_ms).catch(() => undefined);
      try {
        await session?.ask("DEL", this.#key);
        if (session) return undefined;
        why = "no answer";
      } catch (error) {
        why = (error as Error).message;
      } finally {
        session?.close();
      }
    }
    return why;
  }

  #value(number: number): string {
    return `${this.#id} ${number}`;
  }

  #numberIn(value: unknown): number | undefined {
    const [id, number] = String(value).split(" ");
    return id === this.#id ? Number(number) : undefined;
  }
}

function inThread(port: MessagePort): void {
  const writer = new ProbeWriter(workerData as Writes, (told) => port.postMessage(told));
  port.once("message", () => writer.stop());
  // An open port keeps the thread alive.
  void writer.run().finally(() => port.close());
}

if (!isMainThread && parentPort) inThread(parentPort);
