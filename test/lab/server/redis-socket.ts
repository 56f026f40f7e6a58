import { createConnection, type Socket } from "node:net";
import { encode, ReplyReader } from "../../../src/redis/resp.ts";
import { ReplyError } from "../../../src/redis/session.ts";

const login_ms = 600_000;

/** A connection to a host's Redis over its unix socket. It does not depend on the network, and works while the host is cut off. */
export class RedisSocket {
  readonly #socket: Socket;
  readonly #waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  #error: Error | undefined;

  constructor(path: string, password: string | undefined) {
    this.#socket = createConnection({ path });
    const reader = new ReplyReader((value) => this.#waiting.shift()?.resolve(value));
    this.#socket.on("data", (chunk: Buffer) => reader.push(chunk));
    this.#socket.on("error", (error) => this.#end(error));
    this.#socket.on("close", () => this.#end(new Error("Redis closed the connection")));
    // If that fails, the next command gets NOAUTH. That one has a deadline, which counts for a server that hangs.
    if (password !== undefined) this.ask(["AUTH", password], login_ms).catch(() => undefined);
  }

  get open(): boolean {
    return this.#error === undefined;
  }

  /** Sends a command and resolves to the reply, which may be a ReplyError. Rejects if there is no reply in time. */
  ask(command: readonly string[], deadline_ms = 2000): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#error) return reject(this.#error);
      const timer = setTimeout(
        () => this.#end(new Error(`no answer to ${command[0]} in ${deadline_ms} ms`)),
        deadline_ms,
      );
      const clearing = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.#waiting.push({ resolve: clearing(resolve), reject: clearing(reject) });
      this.#socket.write(encode(command));
    });
  }

  close(): void {
    this.#end(new Error("closed by the test"));
  }

  #end(error: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#error);
  }
}

/** Sends one command on a new connection. An error reply rejects. */
export async function askOnce(
  path: string,
  password: string | undefined,
  command: readonly string[],
): Promise<unknown> {
  const socket = new RedisSocket(path, password);
  try {
    const reply = await socket.ask(command);
    if (reply instanceof ReplyError) throw reply;
    return reply;
  } finally {
    socket.close();
  }
}
