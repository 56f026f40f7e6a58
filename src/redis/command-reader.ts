// No command has a longer name.
const longestName = 32;
// Digits, with the character before them; longer ones are read the slow way.
const longestNumber = 15;
const [asterisk, dollar, zero, nine, carriageReturn, lineFeed] = [42, 36, 48, 57, 13, 10];

const notAStream = () => new Error("not a replication stream");

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
    const whole = this.#line === "" ? this.#readWholeLine(chunk, start) : undefined;
    if (whole !== undefined) return whole;
    const end = chunk.indexOf(lineFeed, start);
    this.#line += chunk.toString("latin1", start, end < 0 ? undefined : end);
    if (this.#line.length > longestName) throw notAStream();
    if (end < 0) return chunk.length;
    const number = Number(this.#line.slice(1));
    if (!Number.isSafeInteger(number)) throw notAStream();
    this.#begin(this.#line.charCodeAt(0), number);
    this.#line = "";
    return end + 1;
  }

  /** Without a string: 27 MB of small commands took 0.9 s of a busy host, and who counts them has a second (seed 2801 of chaos, round 26). */
  #readWholeLine(chunk: Buffer, start: number): number | undefined {
    let number = 0;
    for (let at = start + 1; at < start + longestNumber; at++) {
      const byte = chunk[at];
      if (byte === carriageReturn && at > start + 1 && chunk[at + 1] === lineFeed) {
        this.#begin(chunk[start] as number, number);
        return at + 2;
      }
      if (byte === undefined || byte < zero || byte > nine) return undefined;
      number = 10 * number + (byte - zero);
    }
    return undefined;
  }

  /** A line said how many words the next command has, or how many bytes the next word. */
  #begin(kind: number, number: number): void {
    if (this.#part === "command") {
      if (kind !== asterisk || number < 1) throw notAStream();
      this.#part = "word";
      this.#wordsLeft = number;
      this.#wordsRead = 0;
      this.#name = "";
      if (this.#keep > 0) this.#words = [];
      return;
    }
    if (kind !== dollar || number < 0) throw notAStream();
    if (this.#wordsRead === 0 && number > longestName) throw notAStream();
    // The line end after the word is read with it.
    this.#part = "payload";
    this.#bytesLeft = number + 2;
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
