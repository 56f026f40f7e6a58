import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encode, InvalidReply, ReplyReader } from "../../../src/redis/resp.ts";
import { ReplyError } from "../../../src/redis/session.ts";

/** What a server may say, beside what a client must make of it. */
interface Said {
  wire: string;
  value: unknown;
}

const bulk = (text: string): Said => ({ wire: `$${Buffer.byteLength(text)}\r\n${text}\r\n`, value: text });
const line = fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !/[\r\n]/.test(text));

const { reply } = fc.letrec<{ reply: Said }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    line.map((text): Said => ({ wire: `+${text}\r\n`, value: text })),
    line.map((text): Said => ({ wire: `-ERR ${text}\r\n`, value: new ReplyError(`ERR ${text}`) })),
    fc.maxSafeInteger().map((number): Said => ({ wire: `:${number}\r\n`, value: number })),
    fc.constantFrom<Said>({ wire: "$-1\r\n", value: null }, { wire: "*-1\r\n", value: null }),
    // Line breaks and markers inside of a bulk are plain bytes.
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\r\n", "$3\r\nabc\r\n", "*1\r\n")).map(bulk),
    fc.array(tie("reply"), { maxLength: 4 }).map(
      (items): Said => ({
        wire: `*${items.length}\r\n${items.map(({ wire }) => wire).join("")}`,
        value: items.map(({ value }) => value),
      }),
    ),
  ),
}));

function read(chunks: Iterable<Buffer>): unknown[] {
  const replies: unknown[] = [];
  const reader = new ReplyReader((value) => replies.push(value));
  for (const chunk of chunks) reader.push(chunk);
  return replies;
}

/** Cuts at these places, each given as a share of the whole. */
function cut(bytes: Buffer, shares: number[]): Buffer[] {
  const places = [0, ...shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("reading replies", () => {
  it("gives the same replies however the bytes are split", () => {
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 6 }), fc.array(share, { maxLength: 12 }), (said, shares) => {
        const bytes = Buffer.from(said.map(({ wire }) => wire).join(""));
        const expected = said.map(({ value }) => value);
        assert.deepEqual(read(cut(bytes, shares)), expected);
        assert.deepEqual(
          read(bytes.length < 200 ? Array.from(bytes, (byte) => Buffer.from([byte])) : [bytes]),
          expected,
        );
      }),
      { numRuns: 500 },
    );
  });

  it("gives nothing before a reply is whole", () => {
    fc.assert(
      fc.property(reply, share, ({ wire }, much) => {
        const bytes = Buffer.from(wire);
        assert.deepEqual(read([bytes.subarray(0, Math.min(Math.floor(much * bytes.length), bytes.length - 1))]), []);
      }),
    );
  });

  it("takes any bytes for replies, waits for more, or says that they are garbage: nothing else is thrown", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom("", "*2\r\n", "$5\r\n", "+OK\r\n"),
        (noise, start) => {
          try {
            read([Buffer.concat([Buffer.from(start), noise])]);
          } catch (error) {
            assert.ok(error instanceof InvalidReply, String(error));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  const garbage: [string, string][] = [
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n"],
    ["a TLS alert", "\x15\x03\x01\x00\x02\x02\x28"],
    ["a length that is no number", "$five\r\nhello\r\n"],
    ["a length that is not there", "$\r\n"],
    ["a number that is none", ":12x\r\n"],
    ["a number that only JavaScript would take for one", ":0x10\r\n"],
    ["a count below none", "*-7\r\n"],
    ["a bulk that does not end where it said", "$3\r\nabcdef\r\n"],
    ["a bulk larger than anything we ask for", "$99999999999\r\n"],
    ["an array larger than anything we ask for", "*999999999\r\n"],
    ["garbage inside of an array", "*2\r\n:1\r\nnonsense\r\n"],
    ["a line without an end", `+${"x".repeat(70_000)}`],
    ["arrays in arrays without an end", "*1\r\n".repeat(20_000)],
  ];
  for (const [name, bytes] of garbage) {
    it(`rejects ${name}`, () => assert.throws(() => read([Buffer.from(bytes, "latin1")]), InvalidReply));
  }
});

describe("asking", () => {
  it("counts bytes, not letters", () => {
    assert.equal(encode(["SET", "käse", "\r\n"]), "*3\r\n$3\r\nSET\r\n$5\r\nkäse\r\n$2\r\n\r\n\r\n");
  });

  it("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (command) => {
        assert.deepEqual(read([Buffer.from(encode(command))]), [command]);
      }),
    );
  });
});
