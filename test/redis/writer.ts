import { openConnection } from "../../src/redis/connection.ts";
import type { Session } from "../../src/redis/session.ts";
import type { RedisServer } from "./servers.ts";

/** A write that a server acknowledged. Times are of performance.now(). */
export interface Acknowledged {
  key: string;
  sent: number;
  acked: number;
}

let writers = 0;

/** A client that writes unique keys one after the other until `stop`. It connects again when its connection is closed. */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  /** The last error, such as READONLY. */
  lastError: string | undefined;
  readonly #server: RedisServer;
  readonly #name = `writer${++writers}`;
  #session: Session | undefined;
  #stopped = false;
  readonly #ended: Promise<void>;

  constructor(server: RedisServer) {
    this.#server = server;
    this.#ended = this.#write();
  }

  /** Resolves after the reply to the last write. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
    this.#session?.close();
  }

  async #write(): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const key = `${this.#name}:${number}`;
      const sent = performance.now();
      try {
        this.#session ??= await openConnection(this.#server.endpoint, 10_000);
        await this.#session.ask("SET", key, String(number));
        this.acknowledged.push({ key, sent, acked: performance.now() });
      } catch (error) {
        this.lastError = (error as Error).message;
        if ((error as Error).name === "Unreachable") this.#session = undefined;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }
}

/** The acknowledged writes that this server lacks. */
export async function missing(server: RedisServer, writes: readonly Acknowledged[]): Promise<string[]> {
  const lost: string[] = [];
  for (let start = 0; start < writes.length; start += 1000) {
    const keys = writes.slice(start, start + 1000).map(({ key }) => key);
    const values = (await server.ask("MGET", ...keys)) as unknown[];
    lost.push(...keys.filter((_, index) => values[index] === null));
  }
  return lost;
}
