import type { WriteCount } from "../model/history.ts";
import { CommandReader } from "./command-reader.ts";

// What servers send one another, and what changes no data.
const noWrites = new Set(["ping", "replconf", "select", "publish", "spublish"]);
// A server sends them for expired and evicted keys, too.
const deletions = new Set(["del", "unlink"]);

export const changesNoData = (name: string): boolean => noWrites.has(name);

/**
 * Counts the write commands in a replication stream, whose bytes may arrive in pieces of any size. A transaction counts as one, and so does
 * a script, which Redis sends as a transaction. `push` throws if the bytes are no commands.
 */
export class WriteCounter {
  readonly count: WriteCount = { writes: 0, deletions: 0 };
  readonly #reader = new CommandReader((name) => this.#add(name), 0);
  #transaction: WriteCount | undefined;

  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  #add(name: string): void {
    if (name === "multi") {
      this.#transaction = { writes: 0, deletions: 0 };
    } else if (name === "exec") {
      const { writes, deletions } = this.#transaction ?? { writes: 0, deletions: 0 };
      this.#transaction = undefined;
      if (writes > 0) this.count.writes++;
      else if (deletions > 0) this.count.deletions++;
    } else if (!changesNoData(name)) {
      (this.#transaction ?? this.count)[deletions.has(name) ? "deletions" : "writes"]++;
    }
  }
}
