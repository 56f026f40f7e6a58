import { monotonic_ms, sleep } from "../machine/process.ts";
import type { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";

/** A change on a server, and when it was seen. */
export interface StateChange {
  at_ms: number;
  server: Server;
  now: "has the VIP" | "lost the VIP" | "master" | "replica" | "no Redis";
}

type Role = Extract<StateChange["now"], "master" | "replica" | "no Redis">;

const every_ms = 3;
const reply_ms = 250;

/** Reads every few milliseconds where the VIP is and which role each Redis has, and reports every change. */
export class StateWatch {
  readonly #servers: readonly Server[];
  readonly #report: (change: StateChange) => void;
  readonly #roles = new Map<Server, Role>();
  readonly #holders = new Set<Server>();
  readonly #loops: Promise<void>[];
  #stopped = false;

  constructor(servers: readonly Server[], report: (change: StateChange) => void) {
    this.#servers = servers;
    this.#report = report;
    this.#loops = servers.flatMap((server) => [this.#watchVip(server), this.#watchRole(server)]);
  }

  /** The holders and the masters, in one line. */
  toString(): string {
    const masters = this.#servers.filter((server) => this.#roles.get(server) === "master");
    return `VIP: ${names([...this.#holders])}   master: ${names(masters)}`;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #watchVip(server: Server): Promise<void> {
    let first = true;
    while (!this.#stopped) {
      const at_ms = monotonic_ms();
      const holds = holdsVip(server);
      if (holds !== this.#holders.has(server)) {
        if (holds) this.#holders.add(server);
        else this.#holders.delete(server);
        if (!first) this.#report({ at_ms, server, now: holds ? "has the VIP" : "lost the VIP" });
      }
      first = false;
      await sleep(every_ms);
    }
  }

  async #watchRole(server: Server): Promise<void> {
    let socket: RedisSocket | undefined;
    while (!this.#stopped) {
      try {
        if (!socket?.open) socket = server.redisSocket();
        const at_ms = monotonic_ms();
        const reply = await socket.ask(["ROLE"], reply_ms);
        if (Array.isArray(reply)) this.#setRole(server, reply[0] === "master" ? "master" : "replica", at_ms);
      } catch (error) {
        // A late reply is no change of role: a replica that loads a full copy answers late.
        if (!(error as Error).message.startsWith("no answer")) this.#setRole(server, "no Redis", monotonic_ms());
      }
      await sleep(every_ms);
    }
    socket?.close();
  }

  #setRole(server: Server, now: Role, at_ms: number): void {
    const before = this.#roles.get(server);
    this.#roles.set(server, now);
    if (before !== undefined && before !== now) this.#report({ at_ms, server, now });
  }
}

// False if the host has ended.
function holdsVip(server: Server): boolean {
  try {
    return server.holdsVip();
  } catch {
    return false;
  }
}

const names = (servers: readonly Server[]): string => servers.map(({ name }) => name).join(" and ") || "none";
