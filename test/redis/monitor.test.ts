import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readTrackFile } from "../../src/keepalived/track-file.ts";
import { openConnection } from "../../src/redis/connection.ts";
import type { Endpoint } from "../../src/redis/session.ts";
import { requestDrain } from "../../src/state/drain.ts";
import { writeHeartbeat } from "../../src/state/heartbeat.ts";
import { type TestCluster, testCluster } from "./cluster.ts";
import { follows, withPair } from "./pair.ts";
import { startServers } from "./servers.ts";
import { unfit, verdict } from "./verdicts.ts";
import { eventually } from "./wait.ts";

/** Makes the monitor's memory of its last verdict older. */
function sinceEarlier(of: TestCluster, seconds: number): void {
  const last = JSON.parse(readFileSync(of.paths.verdict, "utf8"));
  writeFileSync(of.paths.verdict, JSON.stringify({ ...last, since_s: last.since_s - seconds }));
}

describe("the monitor and a real server", () => {
  it("says nothing while all is well, and logs each change of verdict once", () =>
    withPair({}, async (of, server, peer) => {
      await follows(peer, server);
      for (const _ of [1, 2, 3]) {
        const { code, stdout, stderr } = await of.run("monitor", "server11");
        assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
      }
      assert.equal(of.log().length, 1);
      await server.kill();
      for (const _ of [1, 2]) await unfit(of, /refused/);
      await server.start();
      await server.ask("REPLICAOF", peer.endpoint.host, String(peer.endpoint.port));
      await of.run("monitor", "server11");
      const causes = of.log().map(({ level, cause, node, executable }) => ({ level, cause, node, executable }));
      const common = { node: "server11", executable: "monitor" };
      assert.deepEqual(causes.slice(0, 2), [
        { level: "info", cause: "master-without-vip", ...common },
        { level: "warn", cause: "refused", ...common },
      ]);
      assert.equal(causes.length, 3);
    }));

  it("speaks for an agent that is gone, and not for one that lives", () =>
    withPair({}, async (of, server, peer) => {
      await follows(peer, server);
      const said = () => readTrackFile(of.paths.agentHealth);
      await server.kill();
      await unfit(of, /refused/);
      assert.equal(said(), 0);
      await server.start();
      assert.equal((await of.run("monitor", "server11")).code, 0);
      assert.equal(said(), 1);
      await server.kill();
      writeHeartbeat(of.paths.heartbeat);
      assert.equal((await of.run("monitor", "server11")).code, 0);
      assert.equal(said(), 1);
      rmSync(of.paths.heartbeat);
      await unfit(of, /refused/);
      assert.equal(said(), 0);
    }));

  it("that hangs", () =>
    withPair({}, async (of, server) => {
      server.hang();
      await unfit(of, /timeout/);
    }));

  it("that loads its data: unfit only where a peer would do better", () =>
    withPair({ conf: ["loading-process-events-interval-bytes 1024"] }, async (of, server, peer) => {
      await server.ask("EVAL", "for i=1,10000 do redis.call('set','key'..i,i) end", "0");
      await server.ask("SAVE");
      await follows(peer, server);
      await server.kill();
      await server.start("key-load-delay 1000");
      await assert.rejects(server.ask("PING"), /LOADING/);
      assert.equal(await verdict(of), "unfit: loading");
      await peer.kill();
      assert.equal(await verdict(of), "fit: loading");
    }));

  it("that a script blocks: unfit after a grace, where a peer would do better", () =>
    withPair({ conf: ["busy-reply-threshold 10"] }, async (of, server, peer) => {
      await server.ask("SET", "key", "value");
      await follows(peer, server);
      const script = server.ask("EVAL", "while true do end", "0").catch((error: Error) => error);
      await eventually(() =>
        server.ask("PING").then(
          () => false,
          (error: Error) => error.message.startsWith("BUSY"),
        ),
      );
      assert.equal(await verdict(of), "fit: busy");
      sinceEarlier(of, 6);
      assert.equal(await verdict(of), "unfit: busy");
      await peer.kill();
      assert.equal(await verdict(of), "fit: busy");
      await server.ask("SCRIPT", "KILL");
      await script;
      assert.equal(await verdict(of), "fit: master-without-vip");
    }));

  it("that refuses writes after a failed save: unfit only where a peer would do better", () =>
    withPair({}, async (of, server, peer) => {
      await follows(peer, server);
      const data = join(server.folder, "data");
      mkdirSync(data);
      await server.kill();
      await server.start(`dir ${data}`, "save 3600 1");
      await follows(peer, server);
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
      assert.equal(await verdict(of), "unfit: refuses-writes");
      await peer.kill();
      assert.equal(await verdict(of), "fit: refuses-writes");
    }));

  it("whose password is another: fit, and loud", () =>
    withPair({ password: "wrong" }, async (of) => {
      for (const _ of [1, 2]) assert.equal(await verdict(of), "fit: password");
      const [line, second] = of.log();
      assert.equal(line?.level, "error");
      assert.equal(second, undefined);
      assert.doesNotMatch(readFileSync(of.paths.log, "utf8"), /wrong"/);
    }));

  it("whose password can't be read any more: fit, and loud", () =>
    withPair({}, async (of) => {
      rmSync(of.cluster.redis.password_file ?? "");
      assert.equal(await verdict(of), "fit: password");
      const [line] = of.log();
      assert.equal(line?.level, "error");
      assert.match(String(line?.broken_cluster_file), /can't read redis.password_file/);
    }));

  it("and a state folder that takes no more: told each time, and the verdict holds", () =>
    withPair({}, async (of, server, peer) => {
      await follows(peer, server);
      mkdirSync(of.paths.verdict);
      for (const _ of [1, 2]) assert.equal((await of.run("monitor", "server11")).code, 0);
      assert.deepEqual(
        of.log().map(({ level, unsaved }) => [level, typeof unsaved]),
        [1, 2].map(() => ["error", "string"]),
      );
      await server.kill();
      assert.equal((await of.run("monitor", "server11")).code, 1);
    }));

  it("that is asked to give the virtual IP away: unfit as long as there is somebody to take it", () =>
    withPair({}, async (of, server, peer) => {
      await follows(peer, server);
      const wish = await openConnection(server.endpoint, 10_000);
      await requestDrain(wish, of.cluster);
      assert.equal(await verdict(of), "unfit: draining");
      // The host of whoever asked is gone, and so is its Redis; the connection stands until TCP has given it up.
      await peer.kill();
      assert.match(await verdict(of), /^fit/);
      wish.close();
    }));

  it("that asks for a password where the cluster file names none: fit, and loud", async () => {
    const { servers, stop } = await startServers(1);
    const of = testCluster(
      servers
        .map(({ endpoint }) => ({ ...endpoint, password: undefined }))
        .concat({ host: "127.0.0.2", port: 1, password: undefined }),
    );
    try {
      assert.equal(await verdict(of), "fit: password");
    } finally {
      of.remove();
      await stop();
    }
  });

  for (const [password, name] of [
    ["secret", "that takes no more clients: fit, and loud"],
    [false, "that takes no more clients, and asks for no password: fit, and loud"],
  ] as const) {
    it(name, async () => {
      const { servers, stop } = await startServers(2, { password, conf: ["maxclients 3"] });
      const endpoints = servers.map(({ endpoint }) => endpoint);
      const of = testCluster(endpoints);
      const sessions = await Promise.all([1, 2, 3].map(() => openConnection(endpoints[0] as Endpoint, 10_000)));
      try {
        await Promise.all(sessions.map((session) => session.ask("PING")));
        for (const _ of [1, 2, 3]) assert.equal(await verdict(of), "fit: full");
        assert.equal(of.log()[0]?.level, "error");
      } finally {
        for (const session of sessions) session.close();
        of.remove();
        await stop();
      }
    });
  }

  it("that asks for no password though we have one: like every other", async () => {
    const { servers, stop } = await startServers(2, { password: false });
    const of = testCluster(
      servers.map(({ endpoint }) => endpoint),
      { password: "unneeded" },
    );
    try {
      assert.match(await verdict(of), /: master-without-vip$/);
    } finally {
      of.remove();
      await stop();
    }
  });

  it("a maintenance mark freezes the verdict, a drain mark fails it", () =>
    withPair({}, async (of, server, peer) => {
      await follows(peer, server);
      assert.equal(await verdict(of), "fit: master-without-vip");
      writeFileSync(of.paths.drain, "1\n");
      assert.equal(await verdict(of), "unfit: draining");
      rmSync(of.paths.drain);
      assert.equal(await verdict(of), "fit: master-without-vip");
      writeFileSync(of.paths.maintenance, "");
      server.hang();
      assert.equal(await verdict(of), "fit: master-without-vip");
      rmSync(of.paths.maintenance);
      assert.equal(await verdict(of), "unfit: timeout");
    }));
});
