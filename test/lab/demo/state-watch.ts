import { monotonic_ms, sleep } from "../machine/process.ts";
import type { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";

/** What changed on a server, as it was noticed. */
export interface Change {
  at_ms: number;
  server: Server;
  now: "has the VIP" | "lost the VIP" | "master" | "replica" | "no Redis";
}

type Role = Extract<Change["now"], "master" | "replica" | "no Redis">;

const every_ms = 3;
const answer_ms = 250;

/** Looks every few milliseconds where the VIP is and what each Redis is, and tells every change. */
export class Lookout {
  readonly #servers: readonly Server[];
  readonly #tell: (change: Change) => void;
  readonly #roles = new Map<Server, Role>();
  readonly #holders = new Set<Server>();
  readonly #loops: Promise<void>[];
  #over = false;

  constructor(servers: readonly Server[], tell: (change: Change) => void) {
    this.#servers = servers;
    this.#tell = tell;
    this.#loops = servers.flatMap((server) => [this.#followVip(server), this.#followRole(server)]);
  }

  /** Who holds the VIP and who is master, in one line. */
  toString(): string {
    const masters = this.#servers.filter((server) => this.#roles.get(server) === "master");
    return `VIP: ${names([...this.#holders])}   master: ${names(masters)}`;
  }

  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#loops);
  }

  async #followVip(server: Server): Promise<void> {
    let first = true;
    while (!this.#over) {
      const at_ms = monotonic_ms();
      const holds = has(server);
      if (holds !== this.#holders.has(server)) {
        if (holds) this.#holders.add(server);
        else this.#holders.delete(server);
        if (!first) this.#tell({ at_ms, server, now: holds ? "has the VIP" : "lost the VIP" });
      }
      first = false;
      await sleep(every_ms);
    }
  }

  async #followRole(server: Server): Promise<void> {
    let socket: RedisSocket | undefined;
    while (!this.#over) {
      try {
        if (!socket?.open) socket = server.redisSocket();
        const at_ms = monotonic_ms();
        const reply = await socket.ask(["ROLE"], answer_ms);
        if (Array.isArray(reply)) this.#saw(server, reply[0] === "master" ? "master" : "replica", at_ms);
      } catch (error) {
        // Slow is not gone: a replica that loads a copy answers late.
        if (!(error as Error).message.startsWith("no answer")) this.#saw(server, "no Redis", monotonic_ms());
      }
      await sleep(every_ms);
    }
    socket?.close();
  }

  #saw(server: Server, now: Role, at_ms: number): void {
    const before = this.#roles.get(server);
    this.#roles.set(server, now);
    if (before !== undefined && before !== now) this.#tell({ at_ms, server, now });
  }
}

// The host may end between two looks.
function has(server: Server): boolean {
  try {
    return server.holdsVip();
  } catch {
    return false;
  }
}

const names = (servers: readonly Server[]): string => servers.map(({ name }) => name).join(" and ") || "nobody";
