import { ReplyError } from "./session.ts";

/** The part of RESP2 that is needed here: encodes requests and reads replies. */

export function encode(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

export class InvalidReply extends Error {}

// No reply to our requests exceeds these limits (INFO: 5 kB). They also limit the cost of an incomplete reply, which is
// read from its start again with every chunk.
const maxBytes = 16 * 1024 * 1024;
const maxItems = 4096;
const maxDepth = 8;
const maxLine = 64 * 1024;

/** Reads bytes as they arrive, and copies those that it keeps. Calls `reply` for each complete reply. Throws InvalidReply if they are not RESP. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #reply: (value: unknown) => void;

  constructor(reply: (value: unknown) => void) {
    this.#reply = reply;
  }

  /** No incomplete reply is kept. */
  get between(): boolean {
    return this.#bytes.length === 0;
  }

  push(chunk: Buffer): void {
    const fresh = this.between;
    this.#bytes = fresh ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > maxBytes) throw new InvalidReply("reply too large");
    for (let found = this.#read(0); found; found = this.#read(0)) {
      this.#bytes = this.#bytes.subarray(found.end);
      this.#reply(found.value);
    }
    if (fresh && !this.between) this.#bytes = Buffer.from(this.#bytes);
  }

  #read(start: number, depth = 0): { value: unknown; end: number } | undefined {
    if (start >= this.#bytes.length) return undefined;
    const kind = String.fromCharCode(this.#bytes[start] ?? 0);
    if (!"+-:$*".includes(kind)) throw new InvalidReply(`not a Redis reply: ${JSON.stringify(kind)}`);
    const lineEnd = this.#bytes.indexOf("\r\n", start);
    if (lineEnd < 0) {
      if (this.#bytes.length - start > maxLine) throw new InvalidReply("a reply line without an end");
      return undefined;
    }
    const line = this.#bytes.toString("utf8", start + 1, lineEnd);
    const end = lineEnd + 2;
    if (kind === "+") return { value: line, end };
    if (kind === "-") return { value: new ReplyError(line), end };
    const count = Number(line);
    if (!/^[+-]?\d+$/.test(line) || !Number.isSafeInteger(count))
      throw new InvalidReply(`not a number: ${JSON.stringify(line.slice(0, 40))}`);
    if (kind === ":") return { value: count, end };
    if (count === -1) return { value: null, end };
    if (count < 0) throw new InvalidReply(`not a length: ${count}`);
    return kind === "$" ? this.#bulk(end, count) : this.#array(end, count, depth + 1);
  }

  #bulk(start: number, length: number) {
    if (length > maxBytes) throw new InvalidReply("reply too large");
    const end = start + length + 2;
    if (this.#bytes.length < end) return undefined;
    if (this.#bytes.toString("latin1", end - 2, end) !== "\r\n")
      throw new InvalidReply("a bulk string without its end");
    return { value: this.#bytes.toString("utf8", start, end - 2), end };
  }

  #array(start: number, count: number, depth: number) {
    if (count > maxItems || depth > maxDepth) throw new InvalidReply("reply too large");
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
