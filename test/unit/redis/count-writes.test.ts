import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { WriteCount } from "../../../src/model/history.ts";
import { WriteCounter } from "../../../src/redis/count-writes.ts";
import { encode } from "../../../src/redis/resp.ts";

/** Commands as they stand in a replication stream, and what they count. */
interface Streamed {
  wire: Buffer;
  count: WriteCount;
}

const none: WriteCount = { writes: 0, deletions: 0 };
const write: WriteCount = { writes: 1, deletions: 0 };
const deletion: WriteCount = { writes: 0, deletions: 1 };

const bulk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")]);
const command = (name: string, ...args: (string | Buffer)[]): Buffer =>
  Buffer.concat([Buffer.from(`*${args.length + 1}\r\n`), ...[name, ...args].map((word) => bulk(Buffer.from(word)))]);

const word = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  // What looks like the stream itself inside of a value.
  fc
    .constantFrom("", "\r\n", "*1\r\n$4\r\nEXEC\r\n", "$3\r\n", "multi", "x".repeat(300))
    .map((text) => Buffer.from(text)),
);
const cased = (name: string) => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase());
const named = (names: readonly string[], count: WriteCount): fc.Arbitrary<Streamed> =>
  fc
    .tuple(fc.constantFrom(...names).chain(cased), fc.array(word, { maxLength: 4 }))
    .map(([name, args]) => ({ wire: command(name, ...args), count }));

const single = fc.oneof(
  {
    weight: 4,
    arbitrary: named(["set", "hset", "incrby", "zremrangebyscore", "xadd", "flushall", "pexpireat"], write),
  },
  { weight: 2, arbitrary: named(["del", "unlink"], deletion) },
  { weight: 2, arbitrary: named(["ping", "replconf", "select", "publish", "spublish"], none) },
);

/** A transaction, or a script, which Redis sends as one: it counts as one write, or as one deletion if it does nothing else. */
const transaction = fc.array(single, { maxLength: 5 }).map((inside): Streamed => {
  const writes = inside.some(({ count }) => count.writes > 0);
  const deletions = inside.some(({ count }) => count.deletions > 0);
  return {
    wire: Buffer.concat([command("MULTI"), ...inside.map(({ wire }) => wire), command("EXEC")]),
    count: writes ? write : deletions ? deletion : none,
  };
});

const stream = fc
  .array(fc.oneof({ weight: 3, arbitrary: single }, { weight: 1, arbitrary: transaction }), { maxLength: 12 })
  .map(
    (parts): Streamed => ({
      wire: Buffer.concat(parts.map(({ wire }) => wire)),
      count: parts.reduce(
        (sum, { count }) => ({ writes: sum.writes + count.writes, deletions: sum.deletions + count.deletions }),
        none,
      ),
    }),
  );

function counted(chunks: Iterable<Buffer>): WriteCount {
  const counter = new WriteCounter();
  for (const chunk of chunks) counter.push(chunk);
  return counter.count;
}

/** The bytes in pieces that end at these places, each given as a share of the whole. */
function cut(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const places = [0, ...shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

describe("counting the write commands of a replication stream", () => {
  it("gives the same count however the bytes are split, byte by byte as well", () => {
    fc.assert(
      fc.property(stream, shares, ({ wire, count }, shares) => {
        assert.deepEqual(counted([wire]), count);
        assert.deepEqual(counted(cut(wire, shares)), count);
        assert.deepEqual(counted(Array.from(wire, (byte) => Buffer.from([byte]))), count);
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same count cut in two at every byte of a stream that has some of each", () => {
    const wire = Buffer.concat([
      command("SELECT", "0"),
      command("set", "key", "*3\r\n$3\r\nset\r\n"),
      command("PING"),
      command("MULTI"),
      command("incr", "a"),
      command("del", "b"),
      command("EXEC"),
      command("DEL", "expired"),
      command("replconf", "GETACK", "*"),
      command("publish", "channel", ""),
    ]);
    for (let at = 0; at <= wire.length; at++)
      assert.deepEqual(counted([wire.subarray(0, at), wire.subarray(at)]), { writes: 2, deletions: 1 }, `at ${at}`);
  });

  const rows: [string, Buffer[], WriteCount][] = [
    ["nothing", [], none],
    ["a write", [command("SET", "k", "v")], write],
    [
      "what servers send one another",
      [command("PING"), command("REPLCONF", "GETACK", "*"), command("SELECT", "1")],
      none,
    ],
    ["a message to subscribers", [command("PUBLISH", "c", "m"), command("SPUBLISH", "c", "m")], none],
    [
      "deletions, which may be the server's own",
      [command("DEL", "a", "b"), command("UNLINK", "c")],
      { writes: 0, deletions: 2 },
    ],
    ["a flush", [command("FLUSHALL")], write],
    ["a command that nobody knows", [command("JSON.NUMINCRBY", "k", "$", "1")], write],
    ["an empty transaction", [command("MULTI"), command("EXEC")], none],
    [
      "a transaction with a hundred writes",
      [command("MULTI"), ...Array(100).fill(command("INCR", "k")), command("EXEC")],
      write,
    ],
    [
      "a transaction of deletions",
      [command("MULTI"), command("DEL", "a"), command("DEL", "b"), command("EXEC")],
      deletion,
    ],
    ["a transaction that selects a database", [command("MULTI"), command("SELECT", "3"), command("EXEC")], none],
    ["a transaction without its end", [command("SET", "k", "v"), command("MULTI"), command("SET", "k", "w")], write],
    ["the end of a transaction whose beginning is not part of it", [command("SET", "k", "v"), command("EXEC")], write],
    ["half a command at the end", [command("SET", "k", "v"), command("SET", "k", "v").subarray(0, 20)], write],
    [
      "an empty value, and a binary one",
      [command("SET", "k", ""), command("SET", "k", Buffer.from([0, 13, 10, 255]))],
      { writes: 2, deletions: 0 },
    ],
  ];
  for (const [name, parts, expected] of rows)
    it(`${name}: ${expected.writes} writes, ${expected.deletions} deletions`, () =>
      assert.deepEqual(counted([Buffer.concat(parts)]), expected));

  it("values of any size are passed over, in pieces as they come", () => {
    const big = command("SET", "k", Buffer.alloc(20 * 1024 * 1024, "*1\r\n$4\r\nPING\r\n"));
    const pieces = Array.from({ length: Math.ceil(big.length / 65_536) }, (_, nth) =>
      big.subarray(nth * 65_536, (nth + 1) * 65_536),
    );
    assert.deepEqual(counted([...pieces, command("DEL", "k")]), { writes: 1, deletions: 1 });
  });

  it("is read from what the client of this project writes, too", () => {
    assert.deepEqual(counted([Buffer.from(encode(["SET", "käse", "\r\n"]))]), write);
  });
});

describe("bytes that are no replication stream", () => {
  const garbage: [string, string][] = [
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n"],
    ["the start of a full copy", "REDIS0010\xfa\tredis-ver\x057.2.4\xfa\nredis-bits\xc0@"],
    ["a reply", "+OK\r\n"],
    ["an error", "-ERR unknown command\r\n"],
    ["an inline command", "SET k v\r\n"],
    ["no words at all", "*0\r\n"],
    ["fewer than no words", "*-1\r\n"],
    ["a number that is none", "*x\r\n"],
    ["half a word", "*1.5\r\n"],
    ["a word of no known length", "*1\r\n$x\r\nSET\r\n"],
    ["a word that is not there", "*1\r\n$-1\r\n"],
    ["a word without its mark", "*1\r\nSET\r\n"],
    ["a name longer than any command", `*1\r\n$33\r\n${"x".repeat(33)}\r\n`],
    ["a name as long as a value", "*1\r\n$1000000\r\nSET"],
    ["a line without an end", "*".repeat(40)],
  ];
  for (const [name, bytes] of garbage)
    it(`${name}: rejected`, () => {
      assert.throws(() => counted([Buffer.from(bytes, "latin1")]), /not a replication stream/);
      const one = Array.from(Buffer.from(bytes, "latin1"), (byte) => Buffer.from([byte]));
      assert.throws(() => counted(one), /not a replication stream/, "byte by byte");
    });

  it("is rejected in the middle of a stream, too, and nothing else is thrown whatever the bytes", () => {
    assert.throws(() => counted([command("SET", "k", "v"), Buffer.from("nonsense\r\n")]), /not a replication stream/);
    fc.assert(
      fc.property(fc.constantFrom("", "*2\r\n", "*1\r\n$3\r\n"), fc.uint8Array({ maxLength: 200 }), (start, noise) => {
        try {
          counted([Buffer.concat([Buffer.from(start), noise])]);
        } catch (error) {
          assert.match((error as Error).message, /not a replication stream/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
