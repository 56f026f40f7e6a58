import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { PlanContext } from "../../src/failover/context.ts";
import { keepWrites } from "../../src/failover/keep-writes.ts";
import { silentLog } from "../../src/log/log.ts";
import { openConnection } from "../../src/redis/connection.ts";
import { parseInfo } from "../../src/redis/info.ts";
import { redisProgram } from "../programs.ts";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { makeReplica, withPair } from "./redis-pair.ts";
import type { RedisServer } from "./servers.ts";

/** What is kept of the writes that only one side took. */

const seenOf = async (server: RedisServer) => {
  const seen = parseInfo(String(await server.ask("INFO")));
  assert.ok(seen);
  return { kind: "observed" as const, ...seen };
};

async function keep(pair: TestCluster, server: RedisServer, after: number, only?: number) {
  const [node] = pair.cluster.nodes;
  assert.ok(node);
  const { cluster, password, paths } = pair;
  const context: PlanContext = {
    file: pair.file,
    ...{
      cluster,
      node,
      password,
      paths,
      log: silentLog,
      open: openConnection,
      allowDataLoss: false,
      proceed: () => {},
    },
  };
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-writes-"));
  const file = join(folder, "kept.aof");
  const result = await keepWrites(context, await seenOf(server), after, file, async () => only);
  return { result, file, remove: () => rmSync(folder, { recursive: true }) };
}

/** Writes of every type, some by a script or a transaction, in several databases. */
const writes: readonly string[][] = [
  ["SET", "string", "a value \r\n with lines"],
  ["APPEND", "string", "x".repeat(100_000)],
  ["SET", "expires", "1", "EX", "1000"],
  ["INCRBYFLOAT", "float", "1.5"],
  ["SETRANGE", "range", "5", "abc"],
  ["SETBIT", "bits", "100", "1"],
  ["SELECT", "3"],
  ["RPUSH", "list", "a", "b", "c"],
  ["LPOP", "list"],
  ["SADD", "set", "a", "b"],
  ["SPOP", "set"],
  ["HSET", "hash", "f", "v"],
  ["HINCRBY", "hash", "n", "3"],
  ["ZADD", "sorted", "1", "a", "2", "b"],
  ["ZUNIONSTORE", "union", "1", "sorted"],
  ["SELECT", "0"],
  ["XADD", "stream", "*", "f", "v"],
  ["XGROUP", "CREATE", "stream", "group", "0"],
  ["PFADD", "hll", "a"],
  ["GEOADD", "geo", "13.36", "38.11", "Palermo"],
  ["EVAL", "for i = 1, 50 do redis.call('SET', 'script' .. i, i) end", "0"],
  ["MULTI"],
  ["SET", "together", "1"],
  ["SET", "with", "2"],
  ["EXEC"],
  ["RENAME", "range", "renamed"],
  ["DEL", "float"],
  ["MOVE", "bits", "5"],
  ["COPY", "string", "copied"],
  ["PEXPIRE", "renamed", "100000"],
];

async function write(server: RedisServer, commands: readonly string[][]): Promise<void> {
  const { ask, close } = await openConnection(server.endpoint, 2000);
  await Promise.all(commands.map((command) => ask(...command)));
  close();
}

/** Sends a file of commands to a server. */
async function pipe(file: string, { endpoint }: RedisServer): Promise<void> {
  const { host, port, password } = endpoint;
  execFileSync("sh", ["-c", `${redisProgram("cli")} -h "$0" -p "$1" --pipe <"$2"`, host, String(port), file], {
    env: { ...process.env, REDISCLI_AUTH: password },
    stdio: "ignore",
  });
}

const digestOf = async (server: RedisServer): Promise<unknown> => server.ask("DEBUG", "DIGEST");

/** `KEEP_WRITES_ROUNDS=1000` for a long run. */
const rounds = Number(process.env.KEEP_WRITES_ROUNDS ?? 12);
const seed = Number(process.env.KEEP_WRITES_SEED ?? 1);

const keyName = fc.constantFrom("a", "b", "c", "d", "e");
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("*1\r\n$4\r\nPING\r\n", "\r\n", "x".repeat(20_000)),
);
const number = fc.integer({ min: -100, max: 100 }).map(String);
const randomCommand: fc.Arbitrary<string[]> = fc.oneof(
  fc.tuple(fc.constant("SET"), keyName, text),
  fc.tuple(fc.constant("SET"), keyName, text, fc.constant("PX"), fc.constant("100000")),
  fc.tuple(fc.constantFrom("APPEND", "LPUSH", "RPUSH", "SADD", "PFADD", "SREM"), keyName, text),
  fc.tuple(fc.constantFrom("INCRBY", "DECRBY", "INCRBYFLOAT"), keyName, number),
  fc.tuple(fc.constant("HSET"), keyName, text, text),
  fc.tuple(fc.constant("ZADD"), keyName, number, text),
  fc.tuple(fc.constant("XADD"), keyName, fc.constant("*"), fc.constant("f"), text),
  fc.tuple(fc.constantFrom("DEL", "UNLINK", "PERSIST", "LPOP", "SPOP", "ZPOPMIN"), keyName),
  fc.tuple(fc.constantFrom("RENAME", "COPY", "SUNIONSTORE", "PFMERGE", "RPOPLPUSH"), keyName, keyName),
  fc.tuple(fc.constant("SELECT"), fc.constantFrom("0", "1", "9")),
  fc.tuple(fc.constant("MOVE"), keyName, fc.constantFrom("0", "1", "9")),
  fc.tuple(fc.constant("PEXPIRE"), keyName, fc.constant("100000")),
  fc.tuple(
    fc.constant("EVAL"),
    fc.constant("redis.call('SET', KEYS[1], ARGV[1]); redis.call('RPUSH', KEYS[2] .. 'l', 1)"),
    fc.constant("2"),
    keyName,
    keyName,
    text,
  ),
  fc.constant<string[]>(["MULTI"]),
  fc.constant<string[]>(["EXEC"]),
  fc.constant<string[]>(["FLUSHDB"]),
);
const randomCommands = fc.array(randomCommand, { minLength: 1, maxLength: 60 });

/** As `write`, but errors (a wrong type, no key) are part of it. */
async function tryWrite(server: RedisServer, commands: readonly string[][]): Promise<void> {
  const { ask, close } = await openConnection(server.endpoint, 5000);
  await Promise.allSettled(commands.map((command) => ask(...command)));
  close();
}

describe("diverged writes are kept", () => {
  it("as a file that redis-check-aof accepts, and that makes of the parting state what their server has", () =>
    withPair({ conf: ["enable-debug-command yes"] }, async (pair, server, peer) => {
      await makeReplica(peer, server);
      await write(server, [
        ["SET", "float", "7"],
        ["SET", "before", "1"],
        ["SELECT", "3"],
        ["SET", "three", "1"],
      ]);
      const { history } = await seenOf(server);
      await eventually(async () => (await seenOf(peer)).history.offset >= history.offset);
      await peer.ask("REPLICAOF", "NO", "ONE");
      await write(server, writes);
      const { result, file, remove } = await keep(pair, server, history.offset);
      try {
        assert.equal(result.kind, "kept");
        assert.deepEqual(result.kind === "kept" && result.writes.databases, [0, 3]);
        assert.match(execFileSync(redisProgram("check-aof"), [file], { encoding: "utf8" }), /is valid/);
        await pipe(file, peer);
        assert.equal(await digestOf(peer), await digestOf(server));
      } finally {
        remove();
      }
    }));

  it("whatever they are: random commands, split at a random moment", () =>
    withPair({ conf: ["enable-debug-command yes", "repl-diskless-sync-delay 0"] }, async (pair, server, peer) => {
      for (const [round, [before, after]] of fc
        .sample(fc.tuple(randomCommands, randomCommands), { numRuns: rounds, seed })
        .entries()) {
        await makeReplica(peer, server);
        await tryWrite(server, before);
        const { history } = await seenOf(server);
        await eventually(async () => (await seenOf(peer)).history.offset >= history.offset);
        await peer.ask("REPLICAOF", "NO", "ONE");
        await tryWrite(server, after);
        const { result, file, remove } = await keep(pair, server, history.offset);
        try {
          if (result.kind === "kept") await pipe(file, peer);
          else assert.equal(result.kind, "none", `round ${round}: ${JSON.stringify(result)}`);
          // No key expires in between: a command that used one then would find none now (docs/diverged.md).
          await new Promise((resolve) => setTimeout(resolve, 20));
          await eventually(async () => (await digestOf(peer)) === (await digestOf(server)), 3000).catch(
            () => undefined,
          );
          assert.equal(await digestOf(peer), await digestOf(server), `round ${round} of seed ${seed}`);
        } finally {
          remove();
        }
      }
    }));

  it("none if there was no write, unreadable if the backlog has lost them or the database is not known", () =>
    withPair({ conf: ["repl-ping-replica-period 1"] }, async (pair, server, peer) => {
      await makeReplica(peer, server);
      await server.ask("SET", "before", "1");
      const { history } = await seenOf(server);
      await eventually(async () => (await seenOf(server)).history.offset > history.offset);
      const none = await keep(pair, server, history.offset);
      assert.equal(none.result.kind, "none");
      none.remove();
      await server.ask("CONFIG", "SET", "repl-backlog-size", "16384");
      for (let i = 0; i < 40; i++) await server.ask("SET", `key${i}`, "x".repeat(1000));
      const lost = await keep(pair, server, history.offset);
      assert.match(lost.result.kind === "unreadable" ? lost.result.why : "", /no longer holds/);
      lost.remove();
      const late = (await seenOf(server)).history.offset;
      await server.ask("SET", "late", "1");
      const unknown = await keep(pair, server, late);
      assert.match(unknown.result.kind === "unreadable" ? unknown.result.why : "", /database .* is not known/);
      unknown.remove();
      const inferred = await keep(pair, server, late, 0);
      assert.equal(inferred.result.kind, "kept");
      inferred.remove();
    }));

  it("also those of a server that was a replica before, by the database that its master had selected", () =>
    withPair({}, async (pair, server, peer) => {
      await makeReplica(server, peer);
      await write(peer, [
        ["SELECT", "7"],
        ["SET", "seven", "1"],
      ]);
      const { history } = await seenOf(peer);
      await eventually(async () => (await seenOf(server)).history.offset >= history.offset);
      await write(peer, [
        ["SELECT", "7"],
        ["SET", "more", "1"],
      ]);
      const { history: whole } = await seenOf(peer);
      await eventually(async () => (await seenOf(server)).history.offset >= whole.offset);
      await server.ask("REPLICAOF", "NO", "ONE");
      const { result, file, remove } = await keep(pair, server, history.offset);
      try {
        assert.deepEqual(result.kind === "kept" && result.writes, {
          after: history.offset,
          writes: 1,
          deletions: 0,
          databases: [7],
          selected: 7,
        });
        assert.match(
          readFileSync(file, "latin1"),
          /^\*2\r\n\$6\r\nSELECT\r\n\$1\r\n7\r\n\*3\r\n\$3\r\nSET\r\n\$4\r\nmore/,
        );
      } finally {
        remove();
      }
    }));
});
