import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openConnection } from "../../src/redis/connection.ts";
import { parseInfo } from "../../src/redis/info.ts";
import { countWrites } from "../../src/redis/read-tail.ts";
import { eventually } from "./eventually.ts";
import { makeReplica, withPair } from "./redis-pair.ts";
import type { RedisServer } from "./servers.ts";

const deadline_ms = 2000;

async function historyOf(server: RedisServer) {
  const seen = parseInfo(String(await server.ask("INFO")));
  assert.ok(seen);
  return { ...seen.history, backlogFrom: seen.backlogFrom };
}

/** What is counted of the writes that `body` makes. */
async function counted(server: RedisServer, body: () => Promise<unknown>) {
  const before = await historyOf(server);
  await body();
  const { id, offset } = await historyOf(server);
  return countWrites(server.endpoint, { id, after: before.offset, until: offset }, deadline_ms);
}

describe("the writes in a part of a server's history", () => {
  it("each write of a client counts as one, of whatever type and database; a transaction and a script as one", () =>
    withPair({}, async (_pair, server, peer) => {
      await makeReplica(peer, server);
      const { ask, close } = await openConnection(server.endpoint, deadline_ms);
      const plain = [
        ["SET", "a", "x".repeat(100_000)],
        ["SELECT", "3"],
        ["LPUSH", "list", "\r\n*1\r\n$4\r\nPING\r\n"],
        ["HSET", "hash", "f", "1"],
        ["ZADD", "sorted", "1", "m"],
        ["XADD", "stream", "*", "f", "v"],
        ["PFADD", "hll", "a"],
        ["SETEX", "short", "100", "v"],
        ["INCR", "n"],
        ["PUBLISH", "channel", "message"],
        ["SELECT", "0"],
      ];
      assert.deepEqual(
        await counted(server, async () => {
          for (const command of plain) await ask(...command);
        }),
        { writes: 8, deletions: 0 },
      );
      const script = "for i = 1, 1000 do redis.call('SET', 'k' .. i, i) end";
      assert.deepEqual(await counted(server, () => ask("EVAL", script, "0")), { writes: 1, deletions: 0 });
      const transaction = async () => {
        await Promise.all([ask("MULTI"), ask("SET", "a", "1"), ask("SET", "b", "2"), ask("EXEC")]);
      };
      assert.deepEqual(await counted(server, transaction), { writes: 1, deletions: 0 });
      close();
    }));

  it("DEL, UNLINK and what a server deletes by itself count apart; PING and REPLCONF count for nothing", () =>
    withPair({ conf: ["repl-ping-replica-period 1"] }, async (_pair, server, peer) => {
      await makeReplica(peer, server);
      await server.ask("SET", "gone", "soon", "PX", "50");
      await server.ask("SET", "deleted", "by a client");
      const deletions = async () => {
        await server.ask("DEL", "deleted");
        await eventually(async () => (await server.ask("DBSIZE")) === 0);
      };
      assert.deepEqual(await counted(server, deletions), { writes: 0, deletions: 2 });
      const { offset } = await historyOf(server);
      const silence = () => eventually(async () => (await historyOf(server)).offset > offset);
      assert.deepEqual(await counted(server, silence), { writes: 0, deletions: 0 });
    }));

  it("of a promoted server, from where it left the history of its old master", () =>
    withPair({}, async (_pair, server, peer) => {
      await makeReplica(peer, server);
      await server.ask("SET", "before", "1");
      await eventually(async () => (await peer.ask("GET", "before")) === "1");
      await peer.ask("REPLICAOF", "NO", "ONE");
      for (let i = 0; i < 5; i++) await peer.ask("SET", `after${i}`, "1");
      const { id, offset, previous } = await historyOf(peer);
      assert.ok(previous);
      const tail = { id, after: previous.until, until: offset };
      assert.deepEqual(await countWrites(peer.endpoint, tail, deadline_ms), { writes: 5, deletions: 0 });
    }));

  it("is read over a connection that INFO names among the replicas, and that is none", () =>
    withPair({}, async (_pair, server, peer) => {
      await makeReplica(peer, server);
      await server.ask("SET", "a", "1");
      await eventually(() => peer.ask("EXISTS", "a"));
      const { id, offset } = await historyOf(server);
      // It waits for a byte that has not come yet.
      const reading = countWrites(server.endpoint, { id, after: offset, until: offset + 1 }, 10_000);
      await eventually(async () => String(await server.ask("INFO", "replication")).includes("connected_slaves:2"));
      const hosts = parseInfo(String(await server.ask("INFO")))?.replicas.map(({ host }) => host);
      assert.deepEqual(hosts, [peer.endpoint.host]);
      await server.ask("SET", "b", "1");
      await reading.catch(() => undefined);
    }));

  it("rejects for a history that the server does not have, a wrong password, and a server that hangs", () =>
    withPair({}, async (_pair, server, peer) => {
      await makeReplica(peer, server);
      await server.ask("SET", "a", "1");
      const { id, offset } = await historyOf(server);
      const tail = { id, after: offset - 10, until: offset };
      await assert.rejects(countWrites({ ...server.endpoint, password: "wrong" }, tail, deadline_ms), /WRONGPASS/);
      await assert.rejects(countWrites(server.endpoint, { ...tail, id: "0".repeat(40) }, deadline_ms), /FULLRESYNC/);
      process.kill(server.pid ?? 0, "SIGSTOP");
      await assert.rejects(countWrites(server.endpoint, tail, 200), /not sent within 200 ms/);
      process.kill(server.pid ?? 0, "SIGCONT");
    }));
});
