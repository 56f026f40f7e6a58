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
import type { TestCluster } from "./cluster.ts";
import { follows, withPair } from "./pair.ts";
import { type RedisServer, startServers } from "./servers.ts";
import { eventually } from "./wait.ts";

const step = (source: RedisServer) => ({
  do: "quarantine" as const,
  source: { name: "server12", host: source.endpoint.host, port: source.endpoint.port },
  because: "two masters",
  bytes: 1234,
});

/** Keeps the data set of server11, as notify-backup would. */
async function keep(of: TestCluster, source: RedisServer, more: Partial<PlanContext> = {}): Promise<object> {
  const [node] = of.cluster.nodes;
  assert.ok(node);
  const { cluster, password, paths } = of;
  const run: PlanContext = {
    ...{ cluster, node, password, log: silentLog, open: openConnection, allowDataLoss: false, proceed: () => {} },
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

/** The dump passes Redis' own check, and a server that is started on it has these many keys. */
async function restorable(file: string, keys: number): Promise<void> {
  assert.match(execFileSync("redis-check-rdb", [file], { encoding: "utf8" }), /RDB looks OK/);
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
  it("of a master: whole, described, readable by its owner only, and nothing is written meanwhile", () =>
    withPair({}, async (of, server, peer) => {
      await fill(server, 5000);
      await keep(of, peer);
      const [dump, ...others] = kept(of, ".rdb");
      assert.ok(dump);
      assert.deepEqual(others, []);
      await restorable(dump, 5000);
      assert.equal(statSync(of.paths.quarantine).mode & 0o777, 0o700);
      const about = JSON.parse(readFileSync(dump.replace(/rdb$/, "json"), "utf8"));
      const { why, node, followed, bytes_at_stake, keys, history } = about;
      assert.deepEqual(
        { why, node, followed, bytes_at_stake, keys },
        { why: "two masters", node: "server11", followed: "server12", bytes_at_stake: 1234, keys: 5000 },
      );
      assert.match(history.id, /^[0-9a-f]{40}$/);
      assert.ok(Math.abs(Date.parse(about.when) - Date.now()) < 60_000);
      assert.deepEqual(kept(of, ".part"), []);
      const write = server.ask("SET", "late", "1").then(
        () => "accepted",
        () => "ended",
      );
      assert.equal(await Promise.race([write, new Promise((wake) => setTimeout(wake, 300, "waits"))]), "waits");
      await server.ask("CLIENT", "UNPAUSE");
      assert.equal(await write, "accepted");
    }));

  it("of a replica that has no master any more, though Redis refuses to be copied from then", () =>
    withPair({}, async (of, server, peer) => {
      await fill(peer, 3000);
      await follows(server, peer);
      await server.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      await keep(of, peer);
      const [dump] = kept(of, ".rdb");
      assert.ok(dump);
      await restorable(dump, 3000);
    }));

  it("what an earlier run left unfinished is cleared away", () =>
    withPair({}, async (of, server, peer) => {
      await fill(server, 10);
      mkdirSync(of.paths.quarantine, { recursive: true });
      writeFileSync(join(of.paths.quarantine, "2026-01-01T00-00-00-000Z.rdb.part"), "half");
      await keep(of, peer);
      assert.deepEqual(kept(of, ".part"), []);
      assert.equal(kept(of, ".rdb").length, 1);
    }));
});

describe("where no dump can be kept", () => {
  /** A program that stands in for redis-cli while `body` runs. */
  async function instead(script: string, body: () => Promise<void>, of: TestCluster): Promise<void> {
    const folder = join(of.paths.data, "bin");
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

  /** Refused, with the way out; the data is where it was, nobody writes to it, and it follows nobody. */
  async function refuses(
    of: TestCluster,
    server: RedisServer,
    peer: RedisServer,
    because: RegExp,
    more = {},
  ): Promise<void> {
    await assert.rejects(keep(of, peer, more), (error: Error & { remedy?: string }) => {
      assert.match(error.message, because);
      assert.match(error.message, /1234 bytes of writes would be lost/);
      assert.match(String(error.remedy), /--allow-data-loss/);
      return true;
    });
    assert.deepEqual(kept(of, ".rdb"), []);
    assert.deepEqual(kept(of, ".part"), []);
    await server.ask("CLIENT", "UNPAUSE");
    assert.equal(await server.ask("DBSIZE"), 1000);
    await assert.rejects(server.ask("SET", "late", "1"), /READONLY/);
    assert.match(await info(server), /master_host:127.0.0.1\r\nmaster_port:1\r/);
  }

  it("the folder can't be made", () =>
    withPair({}, async (of, server, peer) => {
      await fill(server, 1000);
      const file = join(of.paths.data, "file");
      writeFileSync(file, "");
      await refuses(of, server, peer, /ENOTDIR/, { paths: { ...of.paths, quarantine: join(file, "quarantine") } });
    }));

  it("redis-cli fails, is killed, or leaves half a dump and calls it a success", () =>
    withPair({}, async (of, server, peer) => {
      await fill(server, 1000);
      const whole = join(of.paths.data, "whole.rdb");
      const { host, port, password } = server.endpoint;
      execFileSync("redis-cli", ["-h", host, "-p", String(port), "--rdb", whole], {
        env: { ...process.env, REDISCLI_AUTH: password },
        stdio: "ignore",
      });
      const cases: [string, RegExp][] = [
        ["echo 'Connection refused' >&2; exit 1", /the dump failed \(exit 1\): Connection refused/],
        ["kill -9 $$", /the dump failed \(SIGKILL\)/],
        [`for file; do :; done; head -c 20000 ${whole} > "$file"`, /not complete/],
        ['for file; do :; done; : > "$file"', /not complete|no space/],
      ];
      for (const [script, because] of cases) {
        await instead(script, () => refuses(of, server, peer, because), of);
        rmSync(join(of.paths.data, "bin"), { recursive: true });
        await server.ask("REPLICAOF", "NO", "ONE");
      }
    }));

  it("a person may say that the writes are not worth it", () =>
    withPair({}, async (of, server, peer) => {
      await fill(server, 1000);
      await instead(
        "exit 1",
        async () => {
          const result = await keep(of, peer, { allowDataLoss: true });
          assert.equal((result as { given_up?: boolean }).given_up, true);
        },
        of,
      );
    }));

  it("a newer transition stops it: nothing half-done stays, and a replica is no master", () =>
    withPair({}, async (of, server, peer) => {
      await fill(peer, 1000);
      await follows(server, peer);
      await server.ask("REPLICAOF", parkedAt.host, String(parkedAt.port));
      let asked = 0;
      const proceed = () => {
        if (++asked > 1) throw new Stopped("superseded by MASTER");
      };
      await instead("exec sleep 60", () => assert.rejects(keep(of, peer, { proceed }), /superseded by MASTER/), of);
      assert.deepEqual(kept(of, ".rdb"), []);
      assert.match(await info(server), /role:slave/);
      assert.equal(await server.ask("DBSIZE"), 1000);
    }));

  it("the disk is full: notify-backup refuses, says so, and leaves the data", () =>
    withPair({}, async (of, server, peer) => {
      await fill(server, 20_000);
      await fill(peer, 7);
      await peer.ask("SET", "one more", "1");
      mkdirSync(of.paths.quarantine);
      const mounted = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"';
      const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
      const hook = of.start("notify-backup", "server11", {
        within: ["unshare", "--mount", ...asRoot, "sh", "-c", mounted, of.paths.quarantine],
      });
      const { code, stderr } = await hook.ended;
      assert.equal(code, 1, stderr);
      assert.match(stderr, /can't keep a dump/);
      assert.match(stderr, /make room in .*quarantine/);
      await server.ask("CLIENT", "UNPAUSE");
      assert.equal(await server.ask("DBSIZE"), 20_000);
      assert.match(await info(server), /master_port:1\r/);
      // With room it goes on from there.
      const { code: again, stderr: said } = await of.run("notify-backup", "server11");
      assert.equal(again, 0, said);
      await eventually(async () => (await info(server)).includes("master_link_status:up"));
      const [dump] = kept(of, ".rdb");
      await restorable(dump ?? "", 20_000);
    }));
});
