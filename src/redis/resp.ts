import { ReplyError } from "./session.ts";

/** RESP2, the part of it that the monitor needs: requests out, replies in. */

export function encode(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

export class Garbage extends Error {}

// A reply longer than this isn't an answer to anything we ask (INFO is 5 kB, CLIENT LIST of 10,000 clients 4 MB).
const longest = 64 * 1024 * 1024;

/** Takes bytes as they come and calls `reply` once per whole reply; throws Garbage where the bytes are not RESP. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #reply: (value: unknown) => void;

  constructor(reply: (value: unknown) => void) {
    this.#reply = reply;
  }

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > longest) throw new Garbage("endless reply");
    for (let found = this.#read(0); found; found = this.#read(0)) {
      this.#bytes = this.#bytes.subarray(found.end);
      this.#reply(found.value);
    }
  }

  #read(start: number): { value: unknown; end: number } | undefined {
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
    if (line === "" || !Number.isSafeInteger(count)) throw new Garbage(`not a number: ${line.slice(0, 40)}`);
    if (kind === ":") return { value: count, end };
    if (count < 0) return { value: null, end };
    return kind === "$" ? this.#bulk(end, count) : this.#array(end, count);
  }

  #bulk(start: number, length: number) {
    if (length > longest) throw new Garbage("endless reply");
    if (this.#bytes.length < start + length + 2) return undefined;
    return { value: this.#bytes.toString("utf8", start, start + length), end: start + length + 2 };
  }

  #array(start: number, count: number) {
    const value: unknown[] = [];
    let end = start;
    while (value.length < count) {
      const item = this.#read(end);
      if (!item) return undefined;
      value.push(item.value);
      end = item.end;
    }
    return { value, end };
  }
}
