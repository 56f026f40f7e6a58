import { ReplyError } from "./session.ts";

/** RESP2, the part of it that the monitor needs: requests out, replies in. */

export function encode(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

export class Garbage extends Error {}

// A reply beyond these isn't an answer to anything we ask (INFO is 5 kB, CLIENT LIST of 10,000 clients 4 MB, CONFIG GET *
// 400 words). They also keep cheap what is read anew with every chunk until it is whole.
const longest = 16 * 1024 * 1024;
const mostItems = 4096;
const deepest = 8;

/** Takes bytes as they come, and copies what it keeps; calls `reply` once per whole reply; throws Garbage where they are not RESP. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #reply: (value: unknown) => void;

  constructor(reply: (value: unknown) => void) {
    this.#reply = reply;
  }

  /** No reply has begun that isn't whole. */
  get between(): boolean {
    return this.#bytes.length === 0;
  }

  push(chunk: Buffer): void {
    const whole = this.between;
    this.#bytes = whole ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > longest) throw new Garbage("endless reply");
    for (let found = this.#read(0); found; found = this.#read(0)) {
      this.#bytes = this.#bytes.subarray(found.end);
      this.#reply(found.value);
    }
    if (whole && !this.between) this.#bytes = Buffer.from(this.#bytes);
  }

  #read(start: number, depth = 0): { value: unknown; end: number } | undefined {
    if (start >= this.#bytes.length) return undefined;
    const kind = String.fromCharCode(this.#bytes[start] ?? 0);
    if (!"+-:$*".includes(kind)) throw new Garbage(`not a Redis reply: ${JSON.stringify(kind)}`);
    const lineEnd = this.#bytes.indexOf("\r\n", start);
    if (lineEnd < 0) {
      if (this.#bytes.length - start > 64 * 1024) throw new Garbage("a reply line without an end");
      return undefined;
    }
    const line = this.#bytes.toString("utf8", start + 1, lineEnd);
    const end = lineEnd + 2;
    if (kind === "+") return { value: line, end };
    if (kind === "-") return { value: new ReplyError(line), end };
    const count = Number(line);
    if (!/^[+-]?\d+$/.test(line) || !Number.isSafeInteger(count))
      throw new Garbage(`not a number: ${JSON.stringify(line.slice(0, 40))}`);
    if (kind === ":") return { value: count, end };
    if (count === -1) return { value: null, end };
    if (count < 0) throw new Garbage(`not a length: ${count}`);
    return kind === "$" ? this.#bulk(end, count) : this.#array(end, count, depth + 1);
  }

  #bulk(start: number, length: number) {
    if (length > longest) throw new Garbage("endless reply");
    const end = start + length + 2;
    if (this.#bytes.length < end) return undefined;
    if (this.#bytes.toString("latin1", end - 2, end) !== "\r\n") throw new Garbage("a text longer than it said");
    return { value: this.#bytes.toString("utf8", start, end - 2), end };
  }

  #array(start: number, count: number, depth: number) {
    if (count > mostItems || depth > deepest) throw new Garbage("endless reply");
    const value: unknown[] = [];
    let end = start;
    while (value.length < count) {
      const item = this.#read(end, depth);
      if (!item) return undefined;
      value.push(item.value);
      end = item.end;
    }
    return { value, end };
  }
}
