import { CommandReader } from "./command-reader.ts";
import { readTail } from "./read-tail.ts";
import type { Endpoint } from "./session.ts";

const select = Buffer.from("*2\r\n$6\r\nSELECT\r\n$");

/** How far back a SELECT is looked for. */
const lookBack_bytes = 64 * 1024 ** 2;

/** The database that is selected at an offset of a server's history: that of the last SELECT before it. Rejects as `readTail`. */
export async function databaseAt(
  endpoint: Endpoint,
  history: { id: string; backlogFrom: number },
  offset: number,
  deadline_ms: number,
): Promise<number | undefined> {
  const pieces: Buffer[] = [];
  const tail = { id: history.id, after: Math.max(history.backlogFrom - 1, offset - lookBack_bytes), until: offset };
  await readTail(endpoint, tail, deadline_ms, (bytes) => pieces.push(Buffer.from(bytes)));
  return databaseAtEnd(Buffer.concat(pieces));
}

/**
 * The database that is selected at the end of a part of a replication stream, which may begin amid a command; undefined if it has no
 * SELECT. A value may look like a SELECT: from a real one on, the rest is whole commands up to the end.
 */
export function databaseAtEnd(stream: Buffer): number | undefined {
  for (let at = stream.lastIndexOf(select); at >= 0; at = at > 0 ? stream.lastIndexOf(select, at - 1) : -1) {
    const database = databaseAfter(stream.subarray(at));
    if (database !== undefined) return database;
  }
  return undefined;
}

function databaseAfter(commands: Buffer): number | undefined {
  let database: number | undefined;
  const reader = new CommandReader((name, words) => {
    if (name === "select") database = Number(words[1]?.toString("latin1"));
  }, 2);
  try {
    reader.push(commands);
    return reader.between && Number.isSafeInteger(database) ? database : undefined;
  } catch {
    return undefined;
  }
}
