import { createConnection, type Socket } from "node:net";
import { encode, ReplyReader } from "../../../src/redis/resp.ts";

export const sentinelPort = 26379;
/** The name of the master in the configuration of the Sentinels. */
export const masterName = "sessions";

/** Asks the Sentinels in turn for the address of the master. The one that led a failover knows it before the others. */
export class MasterFinder {
  readonly #sentinels: readonly Sentinel[];
  #turn = 0;

  constructor(addresses: readonly string[], deadline_ms = 25) {
    this.#sentinels = addresses.map((address) => new Sentinel(address, deadline_ms));
  }

  /** Rejects if the next Sentinel does not answer within the deadline, or does not know the master. */
  async find(): Promise<{ host: string; port: number }> {
    const sentinel = this.#sentinels[this.#turn++ % this.#sentinels.length];
    const reply = await sentinel?.ask(["SENTINEL", "get-master-addr-by-name", masterName]);
    const [host, port] = Array.isArray(reply) ? reply.map(String) : [];
    if (host === undefined || port === undefined) throw new Error(`Sentinel says ${String(reply)}`);
    return { host, port: Number(port) };
  }

  close(): void {
    for (const sentinel of this.#sentinels) sentinel.close();
  }
}

/** A connection to one Sentinel, kept open while it answers. */
class Sentinel {
  readonly #address: string;
  readonly #deadline_ms: number;
  #socket: Socket | undefined;
  #onReply: (reply: unknown) => void = () => undefined;

  constructor(address: string, deadline_ms: number) {
    this.#address = address;
    this.#deadline_ms = deadline_ms;
  }

  ask(command: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.close();
        reject(new Error("no answer in time"));
      }, this.#deadline_ms);
      this.#onReply = (reply) => {
        clearTimeout(timer);
        resolve(reply);
      };
      this.#socket ??= this.#dial();
      this.#socket.write(encode(command));
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #dial(): Socket {
    const socket = createConnection({ host: this.#address, port: sentinelPort, noDelay: true });
    const reader = new ReplyReader((reply) => this.#onReply(reply));
    socket.on("data", (chunk: Buffer) => reader.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    return socket;
  }
}
