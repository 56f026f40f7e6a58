import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CommandReader, encodeWords } from "../../../src/redis/command-reader.ts";
import { databaseAtEnd } from "../../../src/redis/last-select.ts";

const command = (...words: (string | Buffer)[]): Buffer => encodeWords(words.map((word) => Buffer.from(word)));
const select = (database: number): Buffer => command("SELECT", String(database));
const set = (value: string | Buffer): Buffer => command("SET", "key", value);

describe("commands of a replication stream", () => {
  it("are the same however the bytes are cut", () => {
    const word = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes));
    const commands = fc.array(
      fc
        .tuple(fc.constantFrom("SET", "ping", "Multi"), fc.array(word, { maxLength: 4 }))
        .map(([name, args]) => [Buffer.from(name), ...args]),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(commands, fc.array(fc.nat(60), { maxLength: 12 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(encodeWords));
        const read: Buffer[][] = [];
        const reader = new CommandReader((_name, words) => read.push(words));
        let at = 0;
        for (const length of [...cuts, stream.length]) {
          reader.push(stream.subarray(at, at + length));
          at += length;
        }
        assert.deepEqual(read, sent);
        assert.ok(reader.between);
      }),
    );
  });

  it("are read byte by byte, and only the first words are kept if no more are wanted", () => {
    const names: [string, Buffer[]][] = [];
    const reader = new CommandReader((name, words) => names.push([name, words]), 1);
    const stream = Buffer.concat([set("a\r\nb"), select(12)]);
    for (const byte of stream) reader.push(Buffer.from([byte]));
    assert.deepEqual(names, [
      ["set", [Buffer.from("SET")]],
      ["select", [Buffer.from("SELECT")]],
    ]);
  });

  it("are no commands: an error", () => {
    for (const bytes of [
      "hello\r\n",
      "*0\r\n",
      "*1\r\n:1\r\n",
      "*1\r\n$-1\r\n",
      `*1\r\n$${"9".repeat(40)}\r\n`,
      "*1\r\n$33\r\n",
    ])
      assert.throws(() => new CommandReader(() => undefined).push(Buffer.from(bytes)), /not a replication stream/);
  });
});

describe("the database that is selected at the end of a stream", () => {
  it("is that of the last SELECT, wherever the stream begins", () => {
    const stream = Buffer.concat([set("x".repeat(50)), select(2), set("a"), select(11), set("b")]);
    const lastSelect = stream.lastIndexOf("*2\r\n$6\r\nSELECT");
    for (let from = 0; from <= lastSelect; from++) assert.equal(databaseAtEnd(stream.subarray(from)), 11);
    for (let from = lastSelect + 1; from < stream.length; from++)
      assert.equal(databaseAtEnd(stream.subarray(from)), undefined);
  });

  it("is not that of a value that looks like one", () => {
    assert.equal(databaseAtEnd(Buffer.concat([select(3), set(select(9))])), 3);
    assert.equal(databaseAtEnd(set(select(9))), undefined);
  });

  it("is not known if the stream ends amid a command", () => {
    const stream = Buffer.concat([select(3), set("a")]);
    assert.equal(databaseAtEnd(stream.subarray(0, -1)), undefined);
  });
});
