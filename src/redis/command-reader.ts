// No command has a longer name.
const longestName = 32;

type Part = "command" | "word" | "payload";

/**
 * Reads commands from a replication stream or an append-only file, whose bytes may arrive in pieces of any size. Of each command it
 * keeps the first `keep` words, and only counts the others. `push` throws if the bytes are no commands.
 */
export class CommandReader {
  readonly #take: (words: Buffer[]) => void;
  readonly #keep: number;
  #part: Part = "command";
  #line = "";
  #wordsLeft = 0;
  #bytesLeft = 0;
  #words: Buffer[] = [];
  #wordsRead = 0;
  #pieces: Buffer[] = [];

  constructor(take: (words: Buffer[]) => void, keep = Number.POSITIVE_INFINITY) {
    this.#take = take;
    this.#keep = keep;
  }

  /** No command has been read in part. */
  get between(): boolean {
    return this.#part === "command" && this.#line === "";
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; )
      at = this.#part === "payload" ? this.#readPayload(chunk, at) : this.#readLine(chunk, at);
  }

  #readLine(chunk: Buffer, start: number): number {
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
      [this.#part, this.#wordsLeft, this.#words, this.#wordsRead] = ["word", number, [], 0];
    } else {
      if (this.#wordsRead === 0 && number > longestName) throw new Error("not a replication stream");
      // The line end after the word is read with it.
      [this.#part, this.#bytesLeft, this.#pieces] = ["payload", number + 2, []];
    }
    return end + 1;
  }

  #readPayload(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#bytesLeft);
    this.#bytesLeft -= end - start;
    // Copied: the buffer is reused for the next bytes.
    if (this.#wordsRead < this.#keep) this.#pieces.push(Buffer.from(chunk.subarray(start, end)));
    if (this.#bytesLeft > 0) return end;
    if (this.#wordsRead < this.#keep) this.#words.push(Buffer.concat(this.#pieces).subarray(0, -2));
    this.#wordsRead++;
    this.#wordsLeft--;
    this.#part = this.#wordsLeft > 0 ? "word" : "command";
    if (this.#part === "command") this.#take(this.#words);
    return end;
  }
}

/** The name of a command, in lower case. */
export const nameOf = ([name]: readonly Buffer[]): string => (name ?? "").toString("latin1").toLowerCase();

/** A command as it stands in the stream. */
export function encodeWords(words: readonly Buffer[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, Buffer.from("\r\n"));
  return Buffer.concat(parts);
}
