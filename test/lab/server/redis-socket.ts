import { createConnection, type Socket } from "node:net";
import { encode, ReplyReader } from "../../../src/redis/resp.ts";
import { ReplyError } from "../../../src/redis/session.ts";

/**
 * A connection to a host's Redis by its unix socket, which the tests reach past the host's network: it answers when
 * the host is cut off, and takes no part in what the network does.
 */
export class RedisSocket {
  readonly #socket: Socket;
  readonly #waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  #over: Error | undefined;

  constructor(path: string, password: string | undefined) {
    this.#socket = createConnection({ path });
    const reader = new ReplyReader((value) => this.#waiting.shift()?.resolve(value));
    this.#socket.on("data", (chunk: Buffer) => reader.push(chunk));
    this.#socket.on("error", (error) => this.#end(error));
    this.#socket.on("close", () => this.#end(new Error("Redis closed the connection")));
    // An error here shows in the next answer as well: NOAUTH.
    if (password !== undefined) this.ask(["AUTH", password]).catch(() => undefined);
  }

  get open(): boolean {
    return this.#over === undefined;
  }

  /** Sends a command and resolves to the reply, which may be a ReplyError; rejects when there is none in time. */
  ask(command: readonly string[], deadline_ms = 2000): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(this.#over);
      const timer = setTimeout(
        () => this.#end(new Error(`no answer to ${command[0]} in ${deadline_ms} ms`)),
        deadline_ms,
      );
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.#waiting.push({ resolve: settled(resolve), reject: settled(reject) });
      this.#socket.write(encode(command));
    });
  }

  close(): void {
    this.#end(new Error("closed by the test"));
  }

  #end(error: Error): void {
    this.#over ??= error;
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#over);
  }
}

/** One command on a connection of its own; an error reply rejects. */
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
