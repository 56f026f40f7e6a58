import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readTrackFile } from "../../src/keepalived/track-file.ts";
import { openConnection } from "../../src/redis/connection.ts";
import type { Endpoint } from "../../src/redis/session.ts";
import { requestDrain } from "../../src/state/drain.ts";
import { type TestCluster, testCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { assertUnfit, monitorVerdict } from "./monitor-run.ts";
import { besideAgent, makeReplica, withPair } from "./redis-pair.ts";
import { startServers } from "./servers.ts";

/** Makes the monitor's last verdict older. */
function makeVerdictOlder(pair: TestCluster, seconds: number): void {
  const last = JSON.parse(readFileSync(pair.paths.verdict, "utf8"));
  writeFileSync(pair.paths.verdict, JSON.stringify({ ...last, since_s: last.since_s - seconds }));
}

/** All that `monitor --json` of server11 prints. */
async function printedVerdict(pair: TestCluster): Promise<{ code: number | null; verdict: Record<string, unknown> }> {
  const { code, stdout } = await pair.run("monitor", "server11", "--json");
  return { code, verdict: JSON.parse(stdout) };
}

describe("the monitor and a real server", () => {
  it("prints nothing while the node is fit, and logs each change of verdict once", () =>
    withPair({}, async (pair, server, peer) => {
      await makeReplica(peer, server);
      for (const _ of [1, 2, 3]) {
        const { code, stdout, stderr } = await pair.run("monitor", "server11");
        assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
      }
      assert.equal(pair.log().length, 1);
      await server.kill();
      for (const _ of [1, 2]) await assertUnfit(pair, /refused/);
      await server.start();
      await server.ask("REPLICAOF", peer.endpoint.host, String(peer.endpoint.port));
      await pair.run("monitor", "server11");
      const causes = pair.log().map(({ level, cause, node, executable }) => ({ level, cause, node, executable }));
      const common = { node: "server11", executable: "monitor" };
      assert.deepEqual(causes.slice(0, 2), [
        { level: "info", cause: "master-without-vip", ...common },
        { level: "warn", cause: "refused", ...common },
      ]);
      assert.equal(causes.length, 3);
    }));

  it("writes the agent health file while no agent runs, and not beside one", () =>
    withPair({}, async (pair, server, peer) => {
      await makeReplica(peer, server);
      const health = () => readTrackFile(pair.paths.agentHealth);
      await server.kill();
      await assertUnfit(pair, /refused/);
      assert.equal(health(), 0);
      await server.start();
      assert.equal((await pair.run("monitor", "server11")).code, 0);
      assert.equal(health(), 1);
      await server.kill();
      await besideAgent(pair, async () => assert.equal((await pair.run("monitor", "server11")).code, 0));
      assert.equal(health(), 1);
      rmSync(pair.paths.heartbeat);
      await assertUnfit(pair, /refused/);
      assert.equal(health(), 0);
    }));

  it("beside an agent prints the agent's verdict, which is in the same file, and has no exit code of its own for Keepalived", () =>
    withPair({}, async (pair, server) => {
      await besideAgent(pair, async () => {
        const { code, verdict } = await printedVerdict(pair);
        const detail = "no check has ended since the boot";
        assert.deepEqual([code, verdict], [0, { healthy: true, cause: "agent", detail, by: "agent" }]);
      });
      rmSync(pair.paths.heartbeat);
      await server.kill();
      await assertUnfit(pair, /refused/);
      await server.start();
      await besideAgent(pair, async () => {
        const { code, verdict } = await printedVerdict(pair);
        const detail = `${server.endpoint.host}:${server.endpoint.port}: ECONNREFUSED`;
        assert.deepEqual([code, verdict], [1, { healthy: false, cause: "refused", detail, by: "agent" }]);
        const { code: forKeepalived, stdout, stderr } = await pair.run("monitor", "server11");
        assert.deepEqual({ forKeepalived, stdout, stderr }, { forKeepalived: 0, stdout: "", stderr: "" });
        writeFileSync(pair.paths.maintenance, "on\n");
        assert.equal((await printedVerdict(pair)).verdict.maintenance, "on");
      });
    }));

  it("that hangs", () =>
    withPair({}, async (pair, server) => {
      server.hang();
      await assertUnfit(pair, /timeout/);
    }));

  // As on a host where Node.js starts too slowly for both questions. Longer deadlines, so that this process can be late.
  it("that hangs, and Keepalived ends the check: unfit while it asks the second time, and before nothing is known", () =>
    withPair({ monitor: "interval = 20\ntimeout = 6" }, async (pair, server) => {
      server.hang();
      const ended = async (after_ms: number) => {
        const check = pair.start("monitor", "server11");
        await sleep(after_ms);
        check.kill("SIGTERM");
        const { code, stderr } = await check.ended;
        return { code, stderr };
      };
      assert.deepEqual(await ended(1500), { code: null, stderr: "" });
      assert.equal(existsSync(pair.paths.verdict), false);
      const { code, stderr } = await ended(8500);
      assert.equal(code, 1);
      assert.match(stderr, /^monitor: timeout: /);
      assert.deepEqual(
        pair.log().map(({ event, cause }) => ({ event, cause })),
        [{ event: "verdict", cause: "timeout" }],
      );
    }));

  it("that is loading its data set: unfit only if a peer would do better", () =>
    withPair({ conf: ["loading-process-events-interval-bytes 1024"] }, async (pair, server, peer) => {
      await server.ask("EVAL", "for i=1,10000 do redis.call('set','key'..i,i) end", "0");
      await server.ask("SAVE");
      await makeReplica(peer, server);
      await server.kill();
      await server.start("key-load-delay 1000");
      await assert.rejects(server.ask("PING"), /LOADING/);
      assert.equal(await monitorVerdict(pair), "unfit: loading");
      await peer.kill();
      assert.equal(await monitorVerdict(pair), "fit: loading");
    }));

  it("that a script blocks: unfit after a grace period, if a peer would do better", () =>
    withPair({ conf: ["busy-reply-threshold 10"] }, async (pair, server, peer) => {
      await server.ask("SET", "key", "value");
      await makeReplica(peer, server);
      const script = server.ask("EVAL", "while true do end", "0").catch((error: Error) => error);
      await eventually(() =>
        server.ask("PING").then(
          () => false,
          (error: Error) => error.message.startsWith("BUSY"),
        ),
      );
      assert.equal(await monitorVerdict(pair), "fit: busy");
      makeVerdictOlder(pair, 6);
      assert.equal(await monitorVerdict(pair), "unfit: busy");
      await peer.kill();
      assert.equal(await monitorVerdict(pair), "fit: busy");
      await server.ask("SCRIPT", "KILL");
      await script;
      assert.equal(await monitorVerdict(pair), "fit: master-without-vip");
    }));

  it("that refuses writes after a failed save: unfit only if a peer would do better", () =>
    withPair({}, async (pair, server, peer) => {
      await makeReplica(peer, server);
      const data = join(server.folder, "data");
      mkdirSync(data);
      await server.kill();
      await server.start(`dir ${data}`, "save 3600 1");
      await makeReplica(peer, server);
      await server.ask("SET", "key", "value");
      await eventually(() => peer.ask("DBSIZE"));
      rmSync(data, { recursive: true });
      await eventually(() => server.ask("BGSAVE").catch(() => false));
      await eventually(() =>
        server.ask("PING").then(
          () => false,
          (error: Error) => error.message.startsWith("MISCONF"),
        ),
      );
      assert.equal(await monitorVerdict(pair), "unfit: refuses-writes");
      await peer.kill();
      assert.equal(await monitorVerdict(pair), "fit: refuses-writes");
    }));

  it("that has another password: unfit while a peer is alive, with an error in the log", () =>
    withPair({ password: "wrong" }, async (pair) => {
      for (const _ of [1, 2]) assert.equal(await monitorVerdict(pair), "unfit: password");
      const [line, second] = pair.log();
      assert.equal(line?.level, "error");
      assert.equal(second, undefined);
      assert.doesNotMatch(readFileSync(pair.paths.log, "utf8"), /wrong"/);
    }));

  it("and a password file that can't be read: unfit while a peer is alive, with an error in the log", () =>
    withPair({}, async (pair) => {
      rmSync(pair.cluster.redis.password_file ?? "");
      assert.equal(await monitorVerdict(pair), "unfit: password");
      const [line] = pair.log();
      assert.equal(line?.level, "error");
      assert.match(String(line?.broken_cluster_file), /can't read redis.password_file/);
    }));

  it("and a state folder that can't be written: an error in the log each time, and the verdict is right", () =>
    withPair({}, async (pair, server, peer) => {
      await makeReplica(peer, server);
      mkdirSync(pair.paths.verdict);
      for (const _ of [1, 2]) assert.equal((await pair.run("monitor", "server11")).code, 0);
      assert.deepEqual(
        pair.log().map(({ level, unsaved }) => [level, typeof unsaved]),
        [1, 2].map(() => ["error", "string"]),
      );
      await server.kill();
      assert.equal((await pair.run("monitor", "server11")).code, 1);
    }));

  it("that is drained by a peer: unfit as long as a peer could take over", () =>
    withPair({}, async (pair, server, peer) => {
      await makeReplica(peer, server);
      const request = await openConnection(server.endpoint, 10_000);
      await requestDrain(request, pair.cluster);
      assert.equal(await monitorVerdict(pair), "unfit: draining");
      // As if the host that sent the request had died: TCP keeps the connection open for a while.
      await peer.kill();
      assert.match(await monitorVerdict(pair), /^fit/);
      request.close();
    }));

  it("that requires a password, without one in the cluster file: fit, with an error in the log", async () => {
    const { servers, stop } = await startServers(1);
    const pair = testCluster(
      servers
        .map(({ endpoint }) => ({ ...endpoint, password: undefined }))
        .concat({ host: "127.0.0.2", port: 1, password: undefined }),
    );
    try {
      assert.equal(await monitorVerdict(pair), "fit: password");
    } finally {
      pair.remove();
      await stop();
    }
  });

  for (const [password, name] of [
    ["secret", "that has no room for more clients: unfit while a peer is alive, with an error in the log"],
    [
      false,
      "that has no room for more clients, and requires no password: unfit while a peer is alive, with an error in the log",
    ],
  ] as const) {
    it(name, async () => {
      const { servers, stop } = await startServers(2, { password, conf: ["maxclients 3"] });
      const endpoints = servers.map(({ endpoint }) => endpoint);
      const pair = testCluster(endpoints);
      const sessions = await Promise.all([1, 2, 3].map(() => openConnection(endpoints[0] as Endpoint, 10_000)));
      try {
        await Promise.all(sessions.map((session) => session.ask("PING")));
        for (const _ of [1, 2, 3]) assert.equal(await monitorVerdict(pair), "unfit: full");
        assert.equal(pair.log()[0]?.level, "error");
      } finally {
        for (const session of sessions) session.close();
        pair.remove();
        await stop();
      }
    });
  }

  it("that requires no password, with one in the cluster file: as without", async () => {
    const { servers, stop } = await startServers(2, { password: false });
    const pair = testCluster(
      servers.map(({ endpoint }) => endpoint),
      { password: "unneeded" },
    );
    try {
      assert.match(await monitorVerdict(pair), /: master-without-vip$/);
    } finally {
      pair.remove();
      await stop();
    }
  });

  it("in maintenance the verdict does not change; a drained node is unfit", () =>
    withPair({}, async (pair, server, peer) => {
      await makeReplica(peer, server);
      assert.equal(await monitorVerdict(pair), "fit: master-without-vip");
      writeFileSync(pair.paths.drain, "1\n");
      assert.equal(await monitorVerdict(pair), "unfit: draining");
      rmSync(pair.paths.drain);
      assert.equal(await monitorVerdict(pair), "fit: master-without-vip");
      const { verdict } = await printedVerdict(pair);
      assert.deepEqual(Object.keys(verdict), ["healthy", "cause", "detail"]);
      writeFileSync(pair.paths.maintenance, "");
      server.hang();
      assert.deepEqual((await printedVerdict(pair)).verdict, { ...verdict, maintenance: "on" });
      const until = new Date(Date.now() + 600_000).toISOString();
      writeFileSync(pair.paths.maintenance, `${until}\n`);
      assert.deepEqual((await printedVerdict(pair)).verdict, { ...verdict, maintenance: until });
      rmSync(pair.paths.maintenance);
      assert.equal(await monitorVerdict(pair), "unfit: timeout");
    }));
});
