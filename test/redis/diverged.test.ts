import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { UnitReader } from "../../src/admin/diverged/read-units.ts";
import { openConnection } from "../../src/redis/connection.ts";
import { readTail } from "../../src/redis/read-tail.ts";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { makeReplica, withPair } from "./redis-pair.ts";
import type { RedisServer } from "./servers.ts";

/** `diverged`: server11 was cut off, took writes, and followed server12 again. Its writes are kept. */

async function write(server: RedisServer, ...commands: string[][]): Promise<void> {
  const { ask, close } = await openConnection(server.endpoint, 2000);
  await Promise.all(commands.map((command) => ask(...command)));
  close();
}

const offset = async (server: RedisServer) =>
  Number(/master_repl_offset:(\d+)/.exec(String(await server.ask("INFO", "replication")))?.[1]);

/** Both sides take writes during a split. Then server12 stays master, and server11 follows. */
async function split(
  pair: TestCluster,
  [server11, server12]: [RedisServer, RedisServer],
  writes: { before?: string[][]; at11: string[][]; at12: string[][] },
): Promise<void> {
  await makeReplica(server12, server11);
  await write(server11, ["SET", "first", "1"], ...(writes.before ?? []));
  await eventually(async () => (await offset(server12)) >= (await offset(server11)));
  await server12.ask("REPLICAOF", "NO", "ONE");
  await write(server11, ...writes.at11);
  await write(server12, ...writes.at12);
  // More writes of clients: it stays.
  for (let i = 0; i < 30; i++) await server12.ask("SET", `busy${i}`, "1");
  const { code, stderr } = await pair.run("notify-backup", "server11");
  assert.equal(code, 0, stderr);
  await eventually(async () => String(await server11.ask("INFO", "replication")).includes("master_link_status:up"));
}

const replicationId = async (server: RedisServer) =>
  String(/master_replid:(\w+)/.exec(String(await server.ask("INFO", "replication")))?.[1]);

const run = async (pair: TestCluster, ...args: string[]) => {
  const { code, stdout, stderr } = await pair.run("diverged", "server11", ...args);
  assert.equal(code, 0, stderr);
  return stdout;
};

describe("diverged writes", () => {
  const writes = {
    before: [
      ["SET", "both", "before"],
      ["RPUSH", "queue", "a"],
      ["SET", "counter", "5"],
    ],
    at11: [
      ["SET", "own", "line 1\nline 2"],
      ["SET", "both", "eleven"],
      ["RPUSH", "queue", "b", "c"],
      ["INCR", "counter"],
      ["SELECT", "4"],
      ["HSET", "hash", "field", "\u0001"],
      ["MULTI"],
      ["SET", "pair:1", "x"],
      ["SET", "pair:2", "x"],
      ["EXEC"],
      ["SET", "pair:1", "later"],
      ["DEL", "hash"],
      ["SELECT", "0"],
      ["MULTI"],
      ["SET", "whole:1", "x"],
      ["SET", "whole:2", "x"],
      ["EXEC"],
    ],
    at12: [
      ["SET", "both", "twelve"],
      ["INCRBY", "counter", "10"],
      ["SELECT", "4"],
      ["SET", "pair:2", "theirs"],
    ],
  };

  it("are listed, shown, and applied once, but for keys that both sides changed", () =>
    withPair({}, async (pair, server11, server12) => {
      await split(pair, [server11, server12], writes);
      const list = await run(pair, "list");
      assert.match(list, /^server11 {2}1 .* writes +\d+ writes .* not applied .*diverged/);
      assert.match(list, /^server12: not known, its agent does not listen/m);
      const shown = await run(pair, "show", "1");
      assert.match(shown, /^db0 SET own "line 1\\nline 2"$/m);
      assert.match(shown, /^db4 HSET hash field "\\x01"$/m);
      assert.match(shown, /^together:\n {2}db0 SET whole:1 x\n {2}db0 SET whole:2 x$/m);
      assert.equal(await run(pair, "show", "1", "--key", "q*e"), "db0 RPUSH queue b c\n");

      const tried = await run(pair, "apply", "1", "--dry-run");
      assert.match(tried, /^\d+ writes would be applied to server12, 4 writes not\n/);
      assert.equal(await server12.ask("EXISTS", "own"), 0);
      assert.match(await run(pair, "list"), / 9 keys, 3 of both sides /);

      const applied = await run(pair, "apply", "1");
      assert.match(
        applied,
        /^db0 both: both sides changed this key\n {2}kept here: {2}db0 SET both eleven\n {2}the master: db0 SET both twelve$/m,
      );
      assert.match(applied, /^db0 counter: both sides changed this key/m);
      assert.match(applied, /^db4 pair:2: both sides changed this key/m);
      assert.match(applied, /^db4 pair:1: an earlier write of this key is not applied/m);
      const values = await server12.ask("MGET", "own", "both", "counter", "whole:1", "whole:2");
      assert.deepEqual(values, ["line 1\nline 2", "twelve", "15", "x", "x"]);
      assert.deepEqual(await server12.ask("LRANGE", "queue", "0", "-1"), ["a", "b", "c"]);

      // Only the conflicts are left.
      assert.match(await run(pair, "apply", "1"), /^0 writes applied to server12, 4 writes not\n/);
      assert.deepEqual(await server12.ask("LRANGE", "queue", "0", "-1"), ["a", "b", "c"]);
      assert.match(await run(pair, "apply", "1", "--force", "both"), /^1 write applied to server12, 3 writes not\n/);
      assert.equal(await server12.ask("GET", "both"), "eleven");
      assert.match(await run(pair, "apply", "1", "--all"), /^3 writes applied to server12, 0 writes not\n/);
      // The INCR of server11 comes on top of what server12 has.
      assert.equal(await server12.ask("GET", "counter"), "16");
      const again = await pair.run("diverged", "server11", "apply", "1", "--all");
      assert.equal(again.code, 1);
      assert.match(again.stderr, /all of these writes were applied to server12/);
      assert.match(await run(pair, "list"), / applied +/);
    }));

  it('come back by themselves with failover.diverged_writes = "apply"', () =>
    withPair({ failover: 'diverged_writes = "apply"' }, async (pair, server11, server12) => {
      await split(pair, [server11, server12], writes);
      await eventually(async () => (await server12.ask("GET", "own")) === "line 1\nline 2");
      await eventually(async () => pair.log().some(({ event }) => event === "diverged-applied"));
      const line = pair.log().find(({ event }) => event === "diverged-applied");
      assert.deepEqual([line?.to, line?.conflicts, line?.failed], ["server12", 4, 0]);
      assert.equal(await server12.ask("GET", "both"), "twelve");
      assert.match(await run(pair, "list"), / applied, 4 left /);
    }));

  it("are looked at after the split, without being applied", () =>
    withPair({}, async (pair, server11, server12) => {
      await split(pair, [server11, server12], writes);
      await eventually(async () => pair.log().some(({ event }) => event === "diverged-tried"));
      const line = pair.log().find(({ event }) => event === "diverged-tried");
      assert.deepEqual([line?.to, line?.conflicts], ["server12", 4]);
      const [server11s] = JSON.parse(await run(pair, "list", "--json")) as {
        files: { about: { changed: Record<string, { count: number; keys: { database: number; key: string }[] }> } }[];
      }[];
      const changed = server11s?.files[0]?.about.changed;
      assert.deepEqual(
        changed?.both?.keys.map(({ database, key }) => `${database} ${key}`),
        ["0 both", "0 counter", "4 pair:2"],
      );
      assert.ok(changed?.here?.keys.some(({ key }) => key === "own"));
      assert.ok(changed?.master?.keys.some(({ key }) => key === "busy7"));
      assert.equal(await server12.ask("EXISTS", "own"), 0);
    }));

  it("are conflicts where a client changed the key after the split, and where that can't be known", () =>
    withPair({}, async (pair, server11, server12) => {
      await split(pair, [server11, server12], {
        at11: [
          ["SET", "late", "11"],
          ["SET", "free", "11"],
        ],
        at12: [],
      });
      await server12.ask("SET", "late", "a client's");
      assert.match(
        await run(pair, "apply", "1", "--dry-run"),
        /^1 write would be applied .*, 1 write not\ndb0 late: both/,
      );
      await server12.ask("CONFIG", "SET", "repl-backlog-size", "16384");
      // The backlog keeps what its replica has not acknowledged yet.
      const parted = await offset(server12);
      await eventually(async () => {
        await server12.ask("SET", "filler", "x".repeat(10_000));
        const info = String(await server12.ask("INFO", "replication"));
        return Number(/repl_backlog_first_byte_offset:(\d+)/.exec(info)?.[1]) > parted;
      });
      const unknown = await run(pair, "apply", "1");
      assert.match(unknown, /^0 writes applied to server12, 2 writes not\n/);
      assert.match(unknown, /backlog no longer reaches back to the parting point/);
      assert.equal(await server12.ask("EXISTS", "free"), 0);
      assert.match(await run(pair, "apply", "1", "--force", "free"), /^1 write applied/);
      assert.equal(await server12.ask("GET", "free"), "11");
    }));

  it("are applied by the node that kept them and has become master since: its replica has the history from the split on", () =>
    withPair({}, async (pair, server11, server12) => {
      await split(pair, [server11, server12], {
        at11: [
          ["SET", "own", "11"],
          ["SET", "both", "11"],
        ],
        at12: [["SET", "both", "12"]],
      });
      await eventually(async () => (await offset(server11)) >= (await offset(server12)));
      await server11.ask("REPLICAOF", "NO", "ONE");
      await server12.ask("REPLICAOF", "127.0.0.1", String(server11.endpoint.port));
      await eventually(async () => String(await server12.ask("INFO", "replication")).includes("master_link_status:up"));
      await server11.ask("SET", "later", "11");
      const applied = await run(pair, "apply", "1");
      assert.match(applied, /^1 write applied to server11, 1 write not\ndb0 both: both sides changed this key/);
      assert.equal(await server11.ask("GET", "own"), "11");
    }));

  it("wait for a master with --wait, and are applied once by two commands at the same time", () =>
    withPair({}, async (pair, server11, server12) => {
      await split(pair, [server11, server12], { at11: [["RPUSH", "own", "1"]], at12: [] });
      await server12.ask("REPLICAOF", "127.0.0.1", "1");
      const both = [1, 2].map(() => pair.run("diverged", "server11", "apply", "1", "--wait", "30"));
      await sleep(2000);
      await server12.ask("REPLICAOF", "NO", "ONE");
      const [one, other] = (await Promise.all(both)).sort((a, b) => (a.code ?? 9) - (b.code ?? 9));
      assert.match(one?.stdout ?? "", /^1 write applied to server12/);
      assert.match(other?.stderr ?? "", /all of these writes were applied to server12/);
      assert.equal(await server12.ask("LLEN", "own"), 1);
    }));

  it("are known as applied if the reply of their transaction was lost: the master's history says which one it was", () =>
    withPair({}, async (pair, server11, server12) => {
      await split(pair, [server11, server12], {
        at11: [
          ["RPUSH", "own", "1"],
          ["RPUSH", "other", "1"],
        ],
        at12: [],
      });
      const [listed] = JSON.parse(await run(pair, "list", "--json")) as { files: { file: string }[] }[];
      const description = String(listed?.files[0]?.file).replace(/\.aof$/, ".json");
      const before = JSON.parse(readFileSync(description, "utf8"));
      const parted = await offset(server12);
      assert.match(await run(pair, "apply", "1"), /^2 writes applied to server12, 0 writes not\n/);

      const history = { id: await replicationId(server12), after: parted, until: await offset(server12) };
      const reader = new UnitReader(0);
      await readTail(server12.endpoint, history, 5000, (bytes) => reader.push(bytes));
      const [mark] = reader.marks;
      // As a `diverged apply` that was killed, or lost its connection, before it had the reply leaves it.
      const killedAt = (sent: string | undefined) => {
        const applied = { when: "", to: "server12", left: 2, places: "0-1", pending: { mark: sent, places: "0-1" } };
        writeFileSync(description, JSON.stringify({ ...before, applied }));
      };
      killedAt(mark);
      assert.match(await run(pair, "apply", "1"), /^0 writes applied to server12, 0 writes not\n/);
      assert.equal(await server12.ask("LLEN", "own"), 1);
      const again = await pair.run("diverged", "server11", "apply", "1");
      assert.match(again.stderr, /all of these writes were applied to server12/);
      killedAt("never-carried-out");
      assert.match(await run(pair, "apply", "1"), /^0 writes applied to server12, 2 writes not\n/);
    }));

  it("are not applied without a master, or with two; and mistakes are said in one line", () =>
    withPair({}, async (pair, server11, server12) => {
      await split(pair, [server11, server12], { at11: [["SET", "own", "1"]], at12: [] });
      for (const [args, message] of [
        [["apply"], /say `diverged list`/],
        [["show", "x"], /x is no ID/],
        [["show", "7"], /nothing is kept as 7 on this node/],
      ] as const) {
        const { code, stderr } = await pair.run("diverged", "server11", ...args);
        assert.notEqual(code, 0);
        assert.match(stderr, message);
      }
      await server11.ask("REPLICAOF", "NO", "ONE");
      assert.match(
        (await pair.run("diverged", "server11", "apply", "1")).stderr,
        /two nodes are master: server11, server12/,
      );
      await server12.kill();
      await server11.ask("REPLICAOF", "127.0.0.1", "1");
      assert.match((await pair.run("diverged", "server11", "apply", "1")).stderr, /no node is master/);
    }));

  const inDump = {
    before: [...writes.before, ["SET", "removed", "1"], ["SET", "same", "1"], ["HSET", "hash", "a", "1"]],
    at11: [
      ...writes.at11,
      ["DEL", "removed"],
      ["SET", "same", "2"],
      ["SET", "same", "1"],
      ["SET", "expires", "1", "EX", "1000"],
    ],
    at12: writes.at12,
  };

  it("in a dump: its keys are shown, and applied where the master has not changed them", () =>
    withPair({ failover: 'quarantine = "dump"' }, async (pair, server11, server12) => {
      await split(pair, [server11, server12], inDump);
      assert.match(await run(pair, "list"), /^server11 {2}1 .* dump +\d+ keys .* not applied/);
      const shown = await run(pair, "show", "1", "--key", "[oqh]*");
      assert.deepEqual(shown.trim().split("\n").sort(), [
        "db0 hash: hash (fields: 1)",
        'db0 own: "line 1\\nline 2"',
        "db0 queue: list (elements: 3)",
      ]);
      assert.match(await run(pair, "apply", "1", "--dry-run"), /^\d+ keys would be applied to server12, 3 keys not\n/);
      assert.equal(await server12.ask("EXISTS", "own"), 0);
      const applied = await run(pair, "apply", "1");
      assert.match(applied, /^7 keys applied to server12, 3 keys not\n/);
      assert.match(
        applied,
        /^db0 both: both sides changed this key\n {2}kept here: {2}eleven\n {2}the master: db0 SET both twelve$/m,
      );
      assert.match(applied, /^db0 counter: both sides/m);
      assert.match(applied, /^db4 pair:2: both sides/m);
      const values = await server12.ask("MGET", "own", "both", "counter", "whole:1", "removed", "same", "busy7");
      assert.deepEqual(values, ["line 1\nline 2", "twelve", "15", "x", null, "1", "1"]);
      assert.deepEqual(await server12.ask("LRANGE", "queue", "0", "-1"), ["a", "b", "c"]);
      assert.ok(Number(await server12.ask("TTL", "expires")) > 900);
      assert.match(await run(pair, "list"), / applied, 3 left /);
      assert.match(await run(pair, "apply", "1", "--force", "both"), /^1 key applied to server12, 2 keys not\n/);
      assert.equal(await server12.ask("GET", "both"), "eleven");
    }));

  it("in a dump of an unrelated history: all that differs is a conflict, and what only the master has stays", () =>
    withPair({}, async (pair, server11, server12) => {
      await write(server11, ["SET", "own", "1"], ["SET", "both", "eleven"]);
      await write(server12, ["SET", "theirs", "1"], ["SET", "both", "twelve"]);
      for (let i = 0; i < 30; i++) await server12.ask("SET", `busy${i}`, "1");
      await server12.ask("REPLICAOF", "NO", "ONE");
      const { code, stderr } = await pair.run("notify-backup", "server11", "--allow-data-loss");
      assert.equal(code, 0, stderr);
      const tried = await run(pair, "apply", "latest");
      assert.match(tried, /^0 keys applied to server12, 2 keys not\n/);
      assert.match(tried, /^db0 own: the master's history is not known to go back to the parting point/m);
      assert.match(await run(pair, "apply", "latest", "--all"), /^2 keys applied to server12, 0 keys not\n/);
      assert.deepEqual(await server12.ask("MGET", "own", "both", "theirs"), ["1", "eleven", "1"]);
    }));
});
