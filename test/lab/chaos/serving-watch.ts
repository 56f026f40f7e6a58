import { monotonic_ms, sleep } from "../machine/process.ts";
import type { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";
import type { Reading } from "../watch/intervals.ts";

const every_ms = 20;
// A server that hangs answers when it is resumed.
const reply_ms = 600_000;

/** The readings of each server, by its name. */
export interface ServingReport {
  /** The host has the virtual IP. */
  vip: ReadonlyMap<string, readonly Reading[]>;
  /** Redis answers and lacks a key that all servers had when the round began. */
  lacksOld: ReadonlyMap<string, readonly Reading[]>;
}

/** Reads who has the virtual IP, and whose data is older than the round. */
export class ServingWatch {
  readonly #vip = new Map<string, Reading[]>();
  readonly #lacksOld = new Map<string, Reading[]>();
  readonly #sockets = new Map<string, RedisSocket>();
  readonly #loops: Promise<void>[];
  #stopped = false;

  /** `oldKeys`: some keys that all servers have now. */
  constructor(servers: readonly Server[], oldKeys: readonly string[]) {
    for (const { name } of servers) {
      this.#vip.set(name, []);
      this.#lacksOld.set(name, []);
    }
    this.#loops = [this.#followVip(servers), ...servers.map((server) => this.#followData(server, oldKeys))];
  }

  async stop(): Promise<ServingReport> {
    this.#stopped = true;
    for (const socket of this.#sockets.values()) socket.close();
    await Promise.all(this.#loops);
    return { vip: this.#vip, lacksOld: this.#lacksOld };
  }

  async #followVip(servers: readonly Server[]): Promise<void> {
    while (!this.#stopped) {
      for (const server of servers) {
        const asked_ms = monotonic_ms();
        this.#vip.get(server.name)?.push({ asked_ms, holds: hasVip(server), answered_ms: monotonic_ms() });
      }
      await sleep(every_ms);
    }
  }

  async #followData(server: Server, oldKeys: readonly string[]): Promise<void> {
    if (oldKeys.length === 0) return;
    while (!this.#stopped) {
      await this.#readData(server, oldKeys).catch(() => undefined);
      await sleep(every_ms);
    }
  }

  async #readData(server: Server, oldKeys: readonly string[]): Promise<void> {
    if (!server.isOn) return;
    const socket = server.redisSocket();
    this.#sockets.set(server.name, socket);
    while (!this.#stopped) {
      const asked_ms = monotonic_ms();
      const found = await socket.ask(["EXISTS", ...oldKeys], reply_ms);
      const holds = typeof found === "number" && found < oldKeys.length;
      this.#lacksOld.get(server.name)?.push({ asked_ms, holds, answered_ms: monotonic_ms() });
      await sleep(every_ms);
    }
  }
}

function hasVip(server: Server): boolean {
  try {
    return server.holdsVip();
  } catch {
    // The host is being switched off.
    return false;
  }
}
