import { openConnection } from "../../src/redis/connection.ts";
import type { Session } from "../../src/redis/session.ts";
import type { RedisServer } from "./servers.ts";

/** A write that a server acknowledged; times in ms of this process. */
export interface Acknowledged {
  key: string;
  sent: number;
  acked: number;
}

let writers = 0;

/** A client that writes keys of its own one after the other, for ever; it connects again when its session is ended. */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  /** Of what was refused (READONLY and the like), the last one. */
  refusal: string | undefined;
  readonly #server: RedisServer;
  readonly #name = `writer${++writers}`;
  #session: Session | undefined;
  #on = true;
  readonly #over: Promise<void>;

  constructor(server: RedisServer) {
    this.#server = server;
    this.#over = this.#write();
  }

  /** No write is under way any more once this resolves. */
  async stop(): Promise<void> {
    this.#on = false;
    await this.#over;
    this.#session?.close();
  }

  async #write(): Promise<void> {
    for (let number = 0; this.#on; number++) {
      const key = `${this.#name}:${number}`;
      const sent = performance.now();
      try {
        this.#session ??= await openConnection(this.#server.endpoint, 10_000);
        await this.#session.ask("SET", key, String(number));
        this.acknowledged.push({ key, sent, acked: performance.now() });
      } catch (error) {
        this.refusal = (error as Error).message;
        if ((error as Error).name === "Unreachable") this.#session = undefined;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }
}

/** Those of the acknowledged writes that this server doesn't have. */
export async function missing(server: RedisServer, writes: readonly Acknowledged[]): Promise<string[]> {
  const lost: string[] = [];
  for (let start = 0; start < writes.length; start += 1000) {
    const keys = writes.slice(start, start + 1000).map(({ key }) => key);
    const values = (await server.ask("MGET", ...keys)) as unknown[];
    lost.push(...keys.filter((_, index) => values[index] === null));
  }
  return lost;
}
