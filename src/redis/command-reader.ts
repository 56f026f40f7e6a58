// No command has a longer name.
const longestName = 32;

type Part = "command" | "word" | "payload";

/**
 * Reads commands from a replication stream or an append-only file, whose bytes may arrive in pieces of any size. Of each command it
 * tells the name, in lower case, and the first `keep` words. `push` throws if the bytes are no commands.
 */
export class CommandReader {
  readonly #take: (name: string, words: Buffer[]) => void;
  readonly #keep: number;
  #part: Part = "command";
  #line = "";
  #wordsLeft = 0;
  #bytesLeft = 0;
  #words: Buffer[] = [];
  #wordsRead = 0;
  #pieces: Buffer[] = [];
  #name = "";

  constructor(take: (name: string, words: Buffer[]) => void, keep = Number.POSITIVE_INFINITY) {
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
      this.#part = "word";
      this.#wordsLeft = number;
      this.#wordsRead = 0;
      this.#name = "";
      if (this.#keep > 0) this.#words = [];
    } else {
      if (this.#wordsRead === 0 && number > longestName) throw new Error("not a replication stream");
      // The line end after the word is read with it.
      this.#part = "payload";
      this.#bytesLeft = number + 2;
    }
    return end + 1;
  }

  #readPayload(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#bytesLeft);
    this.#bytesLeft -= end - start;
    if (this.#wordsRead === 0) this.#name += chunk.toString("latin1", start, end);
    if (this.#wordsRead < this.#keep) this.#keepPiece(chunk, start, end);
    if (this.#bytesLeft > 0) return end;
    this.#wordsRead++;
    this.#wordsLeft--;
    this.#part = this.#wordsLeft > 0 ? "word" : "command";
    if (this.#part === "command") this.#take(this.#name.trimEnd().toLowerCase(), this.#words);
    return end;
  }

  /** Copied: the buffer is reused for the next bytes. */
  #keepPiece(chunk: Buffer, start: number, end: number): void {
    if (this.#bytesLeft === 0 && this.#pieces.length === 0) {
      // The usual case: the word and its line end are in one piece.
      this.#words.push(Buffer.from(chunk.subarray(start, end - 2)));
      return;
    }
    this.#pieces.push(Buffer.from(chunk.subarray(start, end)));
    if (this.#bytesLeft > 0) return;
    this.#words.push(Buffer.concat(this.#pieces).subarray(0, -2));
    this.#pieces = [];
  }
}

/** A command as it stands in the stream. */
export function encodeWords(words: readonly Buffer[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, Buffer.from("\r\n"));
  return Buffer.concat(parts);
}
