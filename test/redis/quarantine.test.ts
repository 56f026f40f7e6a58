import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parkedAt } from "../../src/decide/situation.ts";
import type { PlanContext } from "../../src/failover/context.ts";
import { Stopped } from "../../src/failover/errors.ts";
import { quarantine } from "../../src/failover/quarantine.ts";
import { silentLog } from "../../src/log/log.ts";
import { openConnection } from "../../src/redis/connection.ts";
import { Sessions } from "../../src/redis/sessions.ts";
import { findProgram, redisProgram } from "../programs.ts";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { makeReplica, withPair } from "./redis-pair.ts";
import { type RedisServer, startServers } from "./servers.ts";

const step = (source: RedisServer) => ({
  do: "quarantine" as const,
  source: { name: "server12", host: source.endpoint.host, port: source.endpoint.port },
  because: "two masters",
  bytes: 1234,
});

/** Keeps a dump of server11, as notify-backup would. */
async function keepDump(pair: TestCluster, source: RedisServer, more: Partial<PlanContext> = {}): Promise<object> {
  const [node] = pair.cluster.nodes;
  assert.ok(node);
  const { file, cluster, password, paths } = pair;
  const run: PlanContext = {
    ...{ file, cluster, node, password, log: silentLog, open: openConnection, allowDataLoss: false, proceed: () => {} },
    ...{ paths, ...more },
  };
  const sessions = new Sessions(run);
  try {
    return await quarantine(step(source), run, sessions);
  } finally {
    sessions.closeAll();
  }
}

const fill = (server: RedisServer, keys: number) =>
  server.ask("EVAL", "for i=1,ARGV[1] do redis.call('set','key'..i,string.rep('v',100)..i) end", "0", String(keys));
const kept = ({ paths }: TestCluster, ending: string): string[] =>
  existsSync(paths.quarantine)
    ? readdirSync(paths.quarantine)
        .filter((name) => name.endsWith(ending))
        .map((name) => join(paths.quarantine, name))
    : [];
const info = async (server: RedisServer) => String(await server.ask("INFO", "replication"));

/** The dump passes redis-check-rdb, and a server that loads it has so many keys. */
async function assertRestorable(file: string, keys: number): Promise<void> {
  assert.match(execFileSync(redisProgram("check-rdb"), [file], { encoding: "utf8" }), /RDB looks OK/);
  const { servers, stop } = await startServers(1);
  const [server] = servers as [RedisServer];
  try {
    await server.kill();
    copyFileSync(file, join(server.folder, "dump.rdb"));
    await server.start();
    await eventually(async () => (await server.ask("DBSIZE").catch(() => -1)) === keys);
    assert.match(String(await server.ask("GET", "key7")), /^v{100}7$/);
  } finally {
    await stop();
  }
}

describe("a dump is kept before data is overwritten", () => {
  it("of a master: complete, described, readable by its owner only, and writes are fenced", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(server, 5000);
      await keepDump(pair, peer);
      const [dump, ...others] = kept(pair, ".rdb");
      assert.ok(dump);
      assert.deepEqual(others, []);
      await assertRestorable(dump, 5000);
      assert.equal(statSync(pair.paths.quarantine).mode & 0o777, 0o700);
      const about = JSON.parse(readFileSync(dump.replace(/rdb$/, "json"), "utf8"));
      const { why, node, followed, bytes_at_stake, keys, history } = about;
      assert.deepEqual(
        { why, node, followed, bytes_at_stake, keys },
        { why: "two masters", node: "server11", followed: "server12", bytes_at_stake: 1234, keys: 5000 },
      );
      assert.match(history.id, /^[0-9a-f]{40}$/);
      assert.ok(Math.abs(Date.parse(about.when) - Date.now()) < 60_000);
      assert.deepEqual(kept(pair, ".part"), []);
      const write = server.ask("SET", "late", "1").then(
        () => "accepted",
        () => "ended",
      );
      assert.equal(await Promise.race([write, new Promise((wake) => setTimeout(wake, 300, "waits"))]), "waits");
      await server.ask("CLIENT", "UNPAUSE");
      assert.equal(await write, "accepted");
    }));

  it("of a parked replica, although Redis refuses PSYNC then", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(peer, 3000);
      await makeReplica(server, peer);
      await server.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      await keepDump(pair, peer);
      const [dump] = kept(pair, ".rdb");
      assert.ok(dump);
      await assertRestorable(dump, 3000);
    }));

  it("once, if a newer transition comes upon the same data; again after a write", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(server, 1000);
      await keepDump(pair, peer);
      const again = (await keepDump(pair, peer)) as { message: string; file: string };
      assert.deepEqual(kept(pair, ".rdb"), [again.file]);
      assert.match(again.message, /^kept nothing: the last file has every write/);
      await server.ask("CLIENT", "UNPAUSE");
      await server.ask("SET", "late", "1");
      await keepDump(pair, peer);
      assert.equal(kept(pair, ".rdb").length, 2);
      const newest = kept(pair, ".rdb").sort().at(-1);
      await assertRestorable(newest ?? "", 1001);
    }));

  it("of a parked replica once as well, although each dump promotes it", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(peer, 1000);
      await makeReplica(server, peer);
      await server.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      await keepDump(pair, server);
      await keepDump(pair, server);
      assert.equal(kept(pair, ".rdb").length, 1);
    }));

  it("and the unfinished dump of an earlier run is deleted", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(server, 10);
      mkdirSync(pair.paths.quarantine, { recursive: true });
      writeFileSync(join(pair.paths.quarantine, "2026-01-01T00-00-00-000Z.rdb.part"), "half");
      await keepDump(pair, peer);
      assert.deepEqual(kept(pair, ".part"), []);
      assert.equal(kept(pair, ".rdb").length, 1);
    }));
});

describe("if no dump can be kept", () => {
  /** Replaces redis-cli by a script while `body` runs. */
  async function withRedisCli(script: string, body: () => Promise<void>, pair: TestCluster): Promise<void> {
    const folder = join(pair.paths.data, "bin");
    mkdirSync(folder);
    writeFileSync(join(folder, "redis-cli"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "redis-cli"), 0o755);
    const before = process.env.PATH;
    process.env.PATH = `${folder}:${before}`;
    try {
      await body();
    } finally {
      process.env.PATH = before;
    }
  }

  /** Refused with a remedy. The server keeps its data, is parked, and accepts no writes. */
  async function refuses(
    pair: TestCluster,
    server: RedisServer,
    peer: RedisServer,
    because: RegExp,
    more = {},
  ): Promise<void> {
    await assert.rejects(keepDump(pair, peer, more), (error: Error & { remedy?: string }) => {
      assert.match(error.message, because);
      assert.match(error.message, /1234 bytes/);
      assert.match(String(error.remedy), /--allow-data-loss/);
      return true;
    });
    assert.deepEqual(kept(pair, ".rdb"), []);
    assert.deepEqual(kept(pair, ".part"), []);
    await server.ask("CLIENT", "UNPAUSE");
    assert.equal(await server.ask("DBSIZE"), 1000);
    await assert.rejects(server.ask("SET", "late", "1"), /READONLY/);
    assert.match(await info(server), /master_host:127.0.0.1\r\nmaster_port:1\r/);
  }

  it("the folder can't be made", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(server, 1000);
      const file = join(pair.paths.data, "file");
      writeFileSync(file, "");
      await refuses(pair, server, peer, /ENOTDIR/, { paths: { ...pair.paths, quarantine: join(file, "quarantine") } });
    }));

  it("redis-cli fails, is killed, or exits with 0 and half a dump", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(server, 1000);
      const whole = join(pair.paths.data, "whole.rdb");
      const { host, port, password } = server.endpoint;
      execFileSync(redisProgram("cli"), ["-h", host, "-p", String(port), "--rdb", whole], {
        env: { ...process.env, REDISCLI_AUTH: password },
        stdio: "ignore",
      });
      const cases: [string, RegExp][] = [
        ["echo 'Connection refused' >&2; exit 1", /\(exit 1\): Connection refused/],
        ["kill -9 $$", /\(SIGKILL\)/],
        [`for file; do :; done; head -c 20000 ${whole} > "$file"`, /./],
        ['for file; do :; done; : > "$file"', /./],
      ];
      for (const [script, because] of cases) {
        await withRedisCli(script, () => refuses(pair, server, peer, because), pair);
        rmSync(join(pair.paths.data, "bin"), { recursive: true });
        await server.ask("REPLICAOF", "NO", "ONE");
      }
    }));

  it("neither redis-cli nor valkey-cli is installed; one of them is enough", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(server, 1000);
      const folder = join(pair.paths.data, "bin");
      mkdirSync(folder);
      const cli = findProgram(redisProgram("cli")) ?? "";
      const before = process.env.PATH;
      process.env.PATH = folder;
      try {
        await refuses(pair, server, peer, /neither redis-cli nor valkey-cli is installed/);
        // Debian's valkey-tools has no other one.
        symlinkSync(cli, join(folder, "valkey-cli"));
        await server.ask("REPLICAOF", "NO", "ONE");
        await keepDump(pair, peer);
      } finally {
        process.env.PATH = before;
      }
      assert.equal(kept(pair, ".rdb").length, 1);
    }));

  it("and data loss is allowed: the plan goes on", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(server, 1000);
      await withRedisCli(
        "exit 1",
        async () => {
          const result = await keepDump(pair, peer, { allowDataLoss: true });
          assert.equal((result as { given_up?: boolean }).given_up, true);
        },
        pair,
      );
    }));

  it("because a newer transition stopped it: no unfinished dump stays, and a replica stays a replica", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(peer, 1000);
      await makeReplica(server, peer);
      await server.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      let asked = 0;
      const proceed = () => {
        if (++asked > 1) throw new Stopped("superseded by MASTER");
      };
      await withRedisCli(
        "exec sleep 60",
        () => assert.rejects(keepDump(pair, peer, { proceed }), /superseded by MASTER/),
        pair,
      );
      assert.deepEqual(kept(pair, ".rdb"), []);
      assert.match(await info(server), /role:slave/);
      assert.equal(await server.ask("DBSIZE"), 1000);
    }));

  it("because the disk is full: notify-backup refuses with a remedy, and the data stays", () =>
    withPair({}, async (pair, server, peer) => {
      await fill(server, 20_000);
      await fill(peer, 7);
      await peer.ask("SET", "one more", "1");
      mkdirSync(pair.paths.quarantine);
      const mounted = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"';
      const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
      const hook = pair.start("notify-backup", "server11", {
        within: ["unshare", "--mount", ...asRoot, "sh", "-c", mounted, pair.paths.quarantine],
      });
      const { code, stderr } = await hook.ended;
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^notify-backup: .+\n {2}.*quarantine/m);
      await server.ask("CLIENT", "UNPAUSE");
      assert.equal(await server.ask("DBSIZE"), 20_000);
      assert.match(await info(server), /master_port:1\r/);
      const withSpace = await pair.run("notify-backup", "server11");
      assert.equal(withSpace.code, 0, withSpace.stderr);
      await eventually(async () => (await info(server)).includes("master_link_status:up"));
      const [dump] = kept(pair, ".rdb");
      await assertRestorable(dump ?? "", 20_000);
    }));
});
