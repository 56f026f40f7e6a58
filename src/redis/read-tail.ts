import type { WriteCount } from "../model/history.ts";
import { monotonic_ms } from "../system/clock.ts";
import { connectSocket } from "./connect.ts";
import { WriteCounter } from "./count-writes.ts";
import { encode } from "./resp.ts";
import { authCommand, type Endpoint, Unreachable } from "./session.ts";

/** The part of a history that is read: after the offset `after`, up to and including the offset `until`. */
export interface Tail {
  id: string;
  after: number;
  until: number;
}

/** Counts the write commands in a part of a server's history. Rejects as `readTail`. */
export async function countWrites(endpoint: Endpoint, tail: Tail, deadline_ms: number): Promise<WriteCount> {
  const counter = new WriteCounter();
  await readTail(endpoint, tail, deadline_ms, (bytes) => counter.push(bytes));
  return counter.count;
}

/**
 * Reads a part of a server's history: `PSYNC` on an ordinary connection makes it send the bytes after an offset from its backlog, as it
 * does for a replica (docs/notes/redis.md). For that moment the connection counts as a replica in INFO. `take` must copy what it keeps.
 * Rejects if the server refuses, no longer has these bytes, or does not send them within `deadline_ms`, and with what `take` throws.
 */
export async function readTail(
  endpoint: Endpoint,
  { id, after, until }: Tail,
  deadline_ms: number,
  take: (bytes: Buffer) => void,
): Promise<void> {
  if (until <= after) return;
  const started_ms = monotonic_ms();
  let receive = (_bytes: Buffer): void => undefined;
  const socket = await connectSocket(endpoint, deadline_ms, (bytes) => receive(bytes));
  try {
    await new Promise<void>((resolve, reject) => {
      const where = `${endpoint.host}:${endpoint.port}`;
      const timer = setTimeout(
        () => reject(new Unreachable("timeout", `${where}: its history was not sent within ${deadline_ms} ms`)),
        deadline_ms - (monotonic_ms() - started_ms),
      );
      socket.on("error", reject);
      socket.on("close", () => {
        clearTimeout(timer);
        reject(new Unreachable("closed", `${where}: closed the connection`));
      });
      let left = until - after;
      const refuse = (line: string) => reject(new Error(`${where}: ${line.slice(0, 200)}`));
      // PSYNC is refused while the reply to AUTH is on its way, so it is sent after that.
      const askForHistory = () => socket.write(encode(["PSYNC", id, String(after + 1)]));
      // What each line must be: the reply to AUTH, the reply to PSYNC. What follows is the history.
      const lines: ((line: string) => void)[] = [];
      if (endpoint.password !== undefined)
        lines.push((line) => {
          if (line.startsWith("+") || line.includes("without any password")) askForHistory();
          else refuse(line);
        });
      // Anything else would be the start of a full copy, which ends with this connection.
      lines.push((line) => {
        if (!line.startsWith("+CONTINUE")) refuse(line);
      });
      let line = "";
      receive = (bytes) => {
        let at = 0;
        while (lines.length > 0) {
          const end = bytes.indexOf(10, at);
          line += bytes.toString("latin1", at, end < 0 ? undefined : end);
          if (end < 0) return;
          at = end + 1;
          if (line.trim() !== "") lines.shift()?.(line.trim());
          line = "";
        }
        const rest = bytes.subarray(at, Math.min(bytes.length, at + left));
        left -= rest.length;
        try {
          take(rest);
        } catch (error) {
          reject(error as Error);
        }
        if (left === 0) {
          clearTimeout(timer);
          resolve();
        }
      };
      if (endpoint.password === undefined) askForHistory();
      else socket.write(encode(authCommand(endpoint, endpoint.password)));
    });
  } finally {
    socket.destroy();
  }
}
