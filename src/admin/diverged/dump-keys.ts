import type { Unit } from "../../model/diverged.ts";
import { keysByDatabase } from "../../redis/info.ts";
import type { BinarySession } from "../../redis/ioredis-session.ts";
import { printable, shownBytes } from "./printable.ts";

/** Reads the keys of a dump, from a server that has loaded it. */

// Their values are in memory at the same time.
const batch = "100";
/** A DUMP ends with the version of its format and a checksum over both. */
const trailer_bytes = 10;
/** The times of expiry are read one after the other. */
const sameExpiry_ms = 1000;

const word = (text: string): Buffer => Buffer.from(text, "latin1");

interface Value {
  /** As DUMP gives it; undefined if there is no such key. */
  payload: Buffer | undefined;
  /** In milliseconds since 1970; 0: never. */
  expires_ms: number;
}

/** All keys of the dump in batches, each as one line. */
export async function* shownKeys(
  dump: BinarySession,
): AsyncGenerator<{ database: number; key: Buffer; value: string }[]> {
  for (const database of await databasesOf(dump))
    for await (const names of scanned(dump, database)) {
      const values = await Promise.all(names.map((name) => valueInWords(dump, name)));
      yield names.map((key, place) => ({ database, key, value: values[place] ?? "" }));
    }
}

/** The keys whose value in the dump is not that of the master, in batches: each as the command that gives it this value. */
export async function* changedValues(dump: BinarySession, master: BinarySession): AsyncGenerator<Unit[]> {
  for (const database of await databasesOf(dump))
    for await (const names of scanned(dump, database)) {
      await select(master, database);
      const [kept, now] = await Promise.all([valuesOf(dump, names), valuesOf(master, names)]);
      const changed = names.flatMap((name, place) => {
        const value = kept[place];
        return value?.payload && !equal(value, now[place]) ? [{ name, value }] : [];
      });
      const shown = await Promise.all(changed.map(({ name }) => valueInWords(dump, name)));
      yield changed.map(({ name, value: { payload = Buffer.alloc(0), expires_ms } }, place) => [
        {
          database,
          words: [word("RESTORE"), name, word(String(expires_ms)), payload, word("REPLACE"), word("ABSTTL")],
          keys: [{ database, name: name.toString("latin1") }],
          shown: shown[place],
        },
      ]);
    }
}

/** The keys of the master that the dump does not have, in batches: each as the command that removes it. */
export async function* missingKeys(dump: BinarySession, master: BinarySession): AsyncGenerator<Unit[]> {
  for (const database of await databasesOf(master))
    for await (const names of scanned(master, database)) {
      await select(dump, database);
      const there = await Promise.all(names.map((name) => dump.ask([word("EXISTS"), name])));
      yield names
        .filter((_, place) => Number(there[place]) === 0)
        .map((name) => [
          {
            database,
            words: [word("DEL"), name],
            keys: [{ database, name: name.toString("latin1") }],
            shown: "no such key",
          },
        ]);
    }
}

const select = (session: BinarySession, database: number) => session.ask([word("SELECT"), word(String(database))]);

const databasesOf = async (session: BinarySession): Promise<number[]> =>
  Object.keys(keysByDatabase(String(await session.ask([word("INFO"), word("keyspace")])))).map(Number);

async function* scanned(session: BinarySession, database: number): AsyncGenerator<Buffer[]> {
  let cursor = word("0");
  do {
    await select(session, database);
    const [next, names] = (await session.ask([word("SCAN"), cursor, word("COUNT"), word(batch)])) as [Buffer, Buffer[]];
    cursor = next;
    if (names.length > 0) yield names;
  } while (String(cursor) !== "0");
}

const valuesOf = (session: BinarySession, names: readonly Buffer[]): Promise<Value[]> =>
  Promise.all(
    names.map(async (name) => {
      const [payload, left_ms] = await Promise.all([
        session.ask([word("DUMP"), name]),
        session.ask([word("PTTL"), name]),
      ]);
      const expires_ms = Number(left_ms) < 0 ? 0 : Date.now() + Number(left_ms);
      return { payload: Buffer.isBuffer(payload) ? payload : undefined, expires_ms };
    }),
  );

/** Values that are equal but encoded in another way count as different. */
function equal(one: Value, other: Value | undefined): boolean {
  if (!one.payload || !other?.payload || one.payload.length !== other.payload.length) return false;
  if ((one.expires_ms === 0) !== (other.expires_ms === 0)) return false;
  if (Math.abs(one.expires_ms - other.expires_ms) > sameExpiry_ms) return false;
  const end = one.payload.length - trailer_bytes;
  return one.payload.subarray(0, end).equals(other.payload.subarray(0, end));
}

const lengths: Record<string, [command: string, what: string]> = {
  list: ["LLEN", "elements"],
  set: ["SCARD", "members"],
  zset: ["ZCARD", "members"],
  hash: ["HLEN", "fields"],
  stream: ["XLEN", "entries"],
};

/** A string as it is, of another type how many elements it has. */
async function valueInWords(session: BinarySession, name: Buffer): Promise<string> {
  const type = String(await session.ask([word("TYPE"), name]));
  if (type === "string") {
    const beginning = session.ask([word("GETRANGE"), name, word("0"), word(String(shownBytes - 1))]);
    return printable((await beginning) as Buffer, Number(await session.ask([word("STRLEN"), name])));
  }
  const [command, what] = lengths[type] ?? [];
  return command === undefined ? type : `${type} (${what}: ${await session.ask([word(command), name])})`;
}
