import type { WriteCount } from "../model/history.ts";

// What servers send one another, and what changes no data.
const noWrites = new Set(["ping", "replconf", "select", "publish", "spublish"]);
// A server sends them for expired and evicted keys, too.
const deletions = new Set(["del", "unlink"]);
const longestName = 32;

type Part = "command" | "word" | "payload";

/**
 * Counts the write commands in a replication stream, whose bytes may arrive in pieces of any size. A transaction counts as one, and so does
 * a script, which Redis sends as a transaction. `push` throws if the bytes are no commands.
 */
export class WriteCounter {
  readonly count: WriteCount = { writes: 0, deletions: 0 };
  #part: Part = "command";
  #line = "";
  #wordsLeft = 0;
  #bytesLeft = 0;
  #name: string | undefined;
  #transaction: WriteCount | undefined;

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) at = this.#part === "payload" ? this.#skip(chunk, at) : this.#read(chunk, at);
  }

  #read(chunk: Buffer, start: number): number {
    const end = chunk.indexOf(10, start);
    this.#line += chunk.toString("latin1", start, end < 0 ? undefined : end);
    if (this.#line.length > longestName) throw new Error("not a replication stream");
    if (end < 0) return chunk.length;
    const kind = this.#part === "command" ? "*" : "$";
    const number = Number(this.#line.slice(1));
    if (this.#line[0] !== kind || !Number.isSafeInteger(number) || number < (kind === "*" ? 1 : 0))
      throw new Error("not a replication stream");
    this.#line = "";
    if (kind === "*") {
      [this.#part, this.#wordsLeft, this.#name] = ["word", number, undefined];
    } else {
      // The line end after the word is skipped with it.
      [this.#part, this.#bytesLeft] = ["payload", number + 2];
      if (this.#name === undefined && number > longestName) throw new Error("not a replication stream");
    }
    return end + 1;
  }

  #skip(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#bytesLeft);
    this.#bytesLeft -= end - start;
    const isName = this.#name === undefined;
    if (isName) this.#line += chunk.toString("latin1", start, end);
    if (this.#bytesLeft > 0) return end;
    if (isName) [this.#name, this.#line] = [this.#line.trimEnd().toLowerCase(), ""];
    this.#wordsLeft--;
    this.#part = this.#wordsLeft > 0 ? "word" : "command";
    if (this.#wordsLeft === 0) this.#add(this.#name ?? "");
    return end;
  }

  #add(name: string): void {
    if (name === "multi") {
      this.#transaction = { writes: 0, deletions: 0 };
    } else if (name === "exec") {
      const { writes, deletions } = this.#transaction ?? { writes: 0, deletions: 0 };
      this.#transaction = undefined;
      if (writes > 0) this.count.writes++;
      else if (deletions > 0) this.count.deletions++;
    } else if (!noWrites.has(name)) {
      (this.#transaction ?? this.count)[deletions.has(name) ? "deletions" : "writes"]++;
    }
  }
}
