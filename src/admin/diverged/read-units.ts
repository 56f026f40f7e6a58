import type { Cluster } from "../../cluster/schema.ts";
import type { Unit, Write } from "../../model/diverged.ts";
import { CommandReader } from "../../redis/command-reader.ts";
import { changesNoData } from "../../redis/count-writes.ts";
import type { KeyFinder } from "../../redis/find-keys.ts";

/**
 * Redis sends PUBLISH to its replicas, in its place within the transaction (7.0.15). So each transaction that applies writes says in the
 * master's history which one it is, and leaves no key behind.
 */
export const appliedChannelOf = ({ name }: Pick<Cluster, "name">): string => `keepalived-redis:${name}:applied`;
const appliedChannel = /^keepalived-redis:.*:applied$/s;

/** Reads units from a replication stream, or from a file of diverged writes. */
export class UnitReader {
  /** What was published to such a channel. */
  readonly marks = new Set<string>();
  readonly #units: Omit<Write, "keys">[][] = [];
  readonly #reader = new CommandReader((name, words) => this.#add(name, words));
  #database: number;
  #transaction: Omit<Write, "keys">[] | undefined;

  /** `database` is the one that is selected before the first command. */
  constructor(database: number) {
    this.#database = database;
  }

  push(bytes: Buffer): void {
    this.#reader.push(bytes);
  }

  /** The database that is selected now. */
  get database(): number {
    return this.#database;
  }

  /** Takes what was read since the last call. Rejects if the server that knows the commands does not answer. */
  async take(finder: KeyFinder): Promise<Unit[]> {
    const units: Unit[] = [];
    for (const unit of this.#units.splice(0)) {
      const writes: Write[] = [];
      for (const { database, words } of unit)
        writes.push({ database, words, keys: await finder.keysOf(database, words) });
      units.push(writes);
    }
    return units;
  }

  #add(name: string, words: Buffer[]): void {
    if (name === "select") this.#database = Number(words[1]?.toString("latin1"));
    else if (name === "multi") this.#transaction = [];
    else if (name === "exec") {
      if (this.#transaction?.length) this.#units.push(this.#transaction);
      this.#transaction = undefined;
    } else if (name === "publish" && appliedChannel.test(String(words[1])))
      this.marks.add(String(words[2]?.toString("latin1")));
    else if (!changesNoData(name)) {
      const write = { database: this.#database, words };
      if (this.#transaction) this.#transaction.push(write);
      else this.#units.push([write]);
    }
  }
}
