import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandRefused } from "../../cluster/errors.ts";
import { lostBefore, type ProbeRecord } from "../../decide/drill/probe-record.ts";
import { vipOf } from "../../keepalived/virtual-ip.ts";
import { openConnection } from "../../redis/connection.ts";
import { type Endpoint, endpointOf, ReplyError, type Session } from "../../redis/session.ts";
import type { RedisContext } from "../../redis/sessions.ts";

/** Longer than any part in which no write may be accepted: an abandoned key is gone after it. */
export const keyLives_s = 60;

export const probeKey = (cluster: { name: string }): string => `keepalived-redis:${cluster.name}:drill`;

const every_ms = 1;
// As the client of the figures (bench/RESULTS.md). A TLS handshake takes longer than a connection.
const answer_ms = 25;
const tlsAnswer_ms = 100;
const first_ms = 2000;
// After a move that failed writes are held back for 15 s at most.
const removal_ms = 16_000;
const removalAnswer_ms = 2000;
const betweenRemovals_ms = 50;

/**
 * A client that writes one key through the virtual IP, a thousand times a second, and retries at once. The key expires by itself.
 * Each write returns the value that it replaces, so the probe notices at its first write to a new master which ones that one lacks.
 */
export class ProbeClient {
  /** When each acknowledgement came, and what got lost, by `performance.now()`. */
  readonly record: ProbeRecord & { acknowledged_ms: number[]; losses: { at_ms: number; writes: number }[] } = {
    acknowledged_ms: [],
    losses: [],
  };
  readonly #endpoint: Endpoint;
  readonly #key: string;
  readonly #id = randomBytes(6).toString("hex");
  #session: Session | undefined;
  #acknowledged = 0;
  #stopped = false;
  #done: Promise<void> = Promise.resolve();

  private constructor(endpoint: Endpoint, key: string) {
    this.#endpoint = endpoint;
    this.#key = key;
  }

  /** Rejects with a CommandRefused if the key can't be written, or if another drill writes it. */
  static async start({ cluster, node, password }: RedisContext): Promise<ProbeClient> {
    const endpoint = { ...endpointOf(cluster, node, password), host: vipOf(cluster) };
    const probe = new ProbeClient(endpoint, probeKey(cluster));
    await probe.#firstWrite();
    probe.#done = probe.#writeOn();
    return probe;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Removes the key. Resolves to why that was not possible; then the key expires. */
  async stop(): Promise<string | undefined> {
    this.#stopped = true;
    await this.#done;
    this.#session?.close();
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

  async #writeOn(): Promise<void> {
    while (!this.#stopped) {
      await this.#write();
      await sleep(every_ms);
    }
  }

  async #write(): Promise<void> {
    const next = this.#acknowledged + 1;
    try {
      this.#session ??= await openConnection(this.#endpoint, this.#endpoint.tls ? tlsAnswer_ms : answer_ms);
      const found = await this.#session.ask("SET", this.#key, this.#value(next), "PX", `${keyLives_s * 1000}`, "GET");
      const at_ms = performance.now();
      const writes = lostBefore(this.#acknowledged, this.#numberIn(found));
      if (writes > 0) this.record.losses.push({ at_ms, writes });
      this.record.acknowledged_ms.push(at_ms);
      this.#acknowledged = next;
    } catch (error) {
      // It will be master, or end our session: as with the client of the figures, to ask again is faster than to connect anew.
      if (error instanceof ReplyError && error.code === "READONLY") return;
      // Refused, or broken: the virtual IP may lead to another server by now.
      this.#session?.close();
      this.#session = undefined;
    }
  }

  #value(number: number): string {
    return `${this.#id} ${number}`;
  }

  #numberIn(value: unknown): number | undefined {
    const [id, number] = String(value).split(" ");
    return id === this.#id ? Number(number) : undefined;
  }
}
