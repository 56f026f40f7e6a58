import type { Key } from "../model/diverged.ts";
import type { BinarySession } from "./ioredis-session.ts";

/** Where a command has its keys, as COMMAND INFO tells it. */
interface KeyPositions {
  first: number;
  last: number;
  step: number;
  /** They are elsewhere in each command: ask COMMAND GETKEYS. */
  movable: boolean;
}

// They change no key, though COMMAND INFO tells of none.
const withoutKeys = new Set(["function", "script"]);
const word = (text: string): Buffer => Buffer.from(text, "latin1");

/** Finds the keys that commands of a replication stream change. The server knows its commands, those of modules as well. */
export class KeyFinder {
  readonly #session: BinarySession;
  readonly #known = new Map<string, Promise<KeyPositions | undefined>>();

  constructor(session: BinarySession) {
    this.#session = session;
  }

  /** Undefined if the command may change any key. Rejects if the server does not answer. */
  async keysOf(database: number, words: readonly Buffer[]): Promise<Key[] | undefined> {
    const name = String(words[0]).toLowerCase();
    if (withoutKeys.has(name)) return [];
    const positions = await this.#positions(name);
    if (!positions) return undefined;
    const names = positions.movable ? await this.#ask(words) : at(words, positions);
    if (!names) return undefined;
    return names
      .map((key) => ({ database: databaseOf(name, words, key, database), name: key.toString("latin1") }))
      .concat(name === "move" && words[1] ? [{ database, name: words[1].toString("latin1") }] : []);
  }

  #positions(name: string): Promise<KeyPositions | undefined> {
    const known = this.#known.get(name);
    if (known) return known;
    const asked = this.#session.ask([word("COMMAND"), word("INFO"), word(name)]).then(positionsIn);
    this.#known.set(name, asked);
    return asked;
  }

  async #ask(words: readonly Buffer[]): Promise<Buffer[] | undefined> {
    const reply = await this.#session.ask([word("COMMAND"), word("GETKEYS"), ...words]).catch(() => undefined);
    return Array.isArray(reply) ? (reply as Buffer[]) : undefined;
  }
}

function positionsIn(reply: unknown): KeyPositions | undefined {
  const [info] = reply as [unknown];
  if (!Array.isArray(info)) return undefined;
  const [, , flags, first, last, step] = info as [Buffer, number, Buffer[], number, number, number];
  const movable = flags.some((flag) => String(flag) === "movablekeys");
  return first === 0 && !movable ? undefined : { first, last, step, movable };
}

function at(words: readonly Buffer[], { first, last, step }: KeyPositions): Buffer[] {
  const end = last < 0 ? words.length + last : last;
  return words.filter((_, index) => index >= first && index <= end && (index - first) % Math.max(1, step) === 0);
}

/** MOVE and COPY change a key of another database. */
function databaseOf(name: string, words: readonly Buffer[], key: Buffer, selected: number): number {
  const option = words.findIndex((one) => one.toString("latin1").toLowerCase() === "db");
  if (name === "move") return Number(words[2]);
  if (name === "copy" && option > 2 && words[2]?.equals(key)) return Number(words[option + 1]);
  return selected;
}
