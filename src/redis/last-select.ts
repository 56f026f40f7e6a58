import { CommandReader, nameOf } from "./command-reader.ts";

const select = Buffer.from("*2\r\n$6\r\nSELECT\r\n$");

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
  const reader = new CommandReader((words) => {
    if (nameOf(words) === "select") database = Number(words[1]?.toString("latin1"));
  }, 2);
  try {
    reader.push(commands);
    return reader.between && Number.isSafeInteger(database) ? database : undefined;
  } catch {
    return undefined;
  }
}
