import assert from "node:assert/strict";
import { lostForGood } from "./chaos/dumps.ts";
import type { Lab } from "./lab.ts";
import { sleep } from "./machine/process.ts";
import { follows, isPair, roleChanges, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import { binFolder, type Server } from "./server/server.ts";

const agent = { profile: "agent" } as const;

/** The VIP has stayed on server11 since the start. */
const assertNeverMoved = ({ server11, server12 }: Lab) =>
  assert.ok(server11.holdsVip() && !/Entering MASTER STATE/.test(server12.keepalivedLog()), server12.keepalivedLog());

/** An executable that logged the promotion of the local Redis. */
const promotedBy = (server: Server, executable: string): boolean =>
  server.log().some((line) => line.executable === executable && line.event === "step-done" && line.step === "promote");

scenario("after a crash of Redis the agents move VIP and role, and no hook acts", agent, async (lab) => {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const watch = lab.watchMasters();
  const writing = await client.writeThroughVip();
  await writing.acknowledged(500);
  const before = writing.progress.acknowledged;
  await server11.killRedis();
  await lab.until(() => serves(server12), 20, "server12 took over");
  await writing.acknowledged(before + 500, 10);
  await server11.startRedis();
  await lab.until(() => follows(server11), 15, "server11 is a replica again");
  const [report, masters] = [await writing.stop(), await watch.stop()];
  assert.equal(masters.twoMasters_ms, 0);
  assert.ok(promotedBy(server12, "agent"));
  assert.ok(!server12.log().some(({ executable }) => String(executable).startsWith("notify")), "a hook acted");
  console.log(`crash with agents: ${report.longestGap.ms.toFixed(0)} ms without an acknowledged write`);
});

scenario(
  "a master that restarts empty does not empty its replica, without the replicaof line in redis.conf",
  {
    ...agent,
    redis: { replicaofLine: false },
  },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    await server11.killRedis();
    await server11.startRedis();
    await lab.until(() => isPair(server12, server11), 20, "server12 serves and server11 follows");
    const report = await writing.stop();
    const lost = await lab.lostWrites(report, server12);
    assert.ok(lost.length < 0.1 * report.acknowledged, `${lost.length} of ${report.acknowledged} writes are gone`);
    assert.ok(Number((await server12.info())?.db0?.match(/keys=(\d+)/)?.[1] ?? 0) > 1500);
  },
);

scenario(
  "a master that restarts and takes long to load becomes a replica; without a peer it serves again",
  {
    ...agent,
    redis: { replicaofLine: false, save: "3600 1" },
  },
  async (lab) => {
    const { server11, server12, client } = lab;
    const restartSlowly = async () => {
      await server11.redis("SAVE");
      await server11.killRedis();
      await server11.startRedis("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024");
      assert.equal((await server11.info())?.loading, "1");
      await lab.until(async () => (await server11.info())?.loading === "0", 30, "server11 has loaded");
      await server11.redis("CONFIG", "SET", "key-load-delay", "0");
    };
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    await writing.stop();
    await restartSlowly();
    await lab.until(() => isPair(server12, server11), 20, "server12 serves and server11 follows");
    await server12.killRedis();
    await lab.until(() => serves(server11), 15, "server11 took over");
    await restartSlowly();
    await lab.until(() => serves(server11), 15, "server11 serves without a peer");
  },
);

for (const [how, fault] of [
  ["killed", (server: Server) => server.killAgent()],
  ["hung", (server: Server) => server.hangAgent()],
  ["stopped", (server: Server) => server.stopAgent()],
] as const) {
  scenario(`an agent that is ${how} moves nothing, and the hooks handle the next failure`, agent, async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    await Promise.all([fault(server11), fault(server12)]);
    await sleep(3500);
    assertNeverMoved(lab);
    await server11.killRedis();
    await lab.until(() => serves(server12), 15, "server12 took over");
    await lab.until(() => promotedBy(server12, "notify-master"), 15, "a hook promoted it");
    if (how === "hung") await Promise.all([server11.resumeAgent(), server12.resumeAgent()]);
    else await Promise.all([server11.startAgent(), server12.startAgent()]);
    await server11.startRedis();
    await lab.until(() => isPair(server12, server11), 20, "server11 is a replica again");
    await writing.stop();
  });
}

scenario("both agents are killed at once, and run again a second later: no role changes", agent, async (lab) => {
  const { servers, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  await writing.acknowledged(500);
  const before = roleChanges(servers);
  await Promise.all(servers.map((server) => server.killAgent()));
  await sleep(1000);
  await Promise.all(servers.map((server) => server.startAgent()));
  await sleep(5000);
  assertNeverMoved(lab);
  assert.equal(roleChanges(servers), before);
  await lab.until(() => isPair(lab.server11, lab.server12), 20, "server11 serves and server12 follows");
  await writing.acknowledged(writing.progress.acknowledged + 500);
  assert.deepEqual(await lab.lostWrites(await writing.stop(), lab.server11), []);
});

scenario(
  "CLIENT KILL, a short DEBUG SLEEP, reloads of Keepalived and a new agent move nothing",
  { ...agent, redis: { conf: ["enable-debug-command yes"] } },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    for (const _ of [1, 2, 3]) {
      await server11.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      await server12.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      await sleep(200);
      await server11.redis("DEBUG", "SLEEP", "0.1");
      await Promise.all([server11.reloadKeepalived(), server12.reloadKeepalived()]);
      await sleep(1200);
    }
    await server11.killAgent();
    await server11.startAgent();
    await sleep(2500);
    assertNeverMoved(lab);
    await lab.until(() => isPair(server11, server12), 20, "server11 serves and server12 follows");
    await writing.stop();
  },
);

scenario("a single check that times out on a busy host moves nothing", agent, async (lab) => {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  await writing.acknowledged(500);
  const slowOnce = "if rm /tmp/slow 2>&-; then exec sleep 5; fi";
  const check = `${binFolder}/check-health`;
  for (const server of lab.servers) {
    await server.must(["cp", "-p", check, `${check}.real`]);
    server.disk.write(`${check}.new`, `#!/bin/sh\n${slowOnce}\nexec sh ${check}.real "$@"\n`, 0o755);
    // At once: a check that finds no file, or a part of one, fails, too.
    await server.must(["mv", `${check}.new`, check]);
    await server.must(["touch", "/tmp/slow"]);
  }
  const wasSlow = async (server: Server) => (await server.exec(["test", "-e", "/tmp/slow"])).code === 1;
  await lab.until(async () => (await wasSlow(server11)) && (await wasSlow(server12)), 15, "a check of each was slow");
  await sleep(5000);
  assertNeverMoved(lab);
  for (const server of lab.servers) assert.doesNotMatch(server.keepalivedLog(), /FAULT STATE|timed_out/);
  await writing.stop();
});

scenario("an agent is killed after it blocked clients: the monitor unblocks them", agent, async (lab) => {
  const { server11, client } = lab;
  await lab.bringUp();
  await lab.until(async () => isPair(server11, lab.server12), 20, "a pair");
  await server11.killAgent();
  server11.disk.write("/etc/bind", String(((await server11.redis("CONFIG", "GET", "bind")) as string[])[1]));
  await server11.redis("CONFIG", "SET", "bind", `${server11.address} 127.0.0.1`);
  const dial = `require("net").connect(6379, "${lab.vip}").on("error", (e) => console.log(e.code)).on("connect", () => process.exit())`;
  assert.match((await client.exec(["node", "-e", dial])).stdout, /ECONNREFUSED/, "clients are blocked");
  // Last: from now on the monitor unblocks them at once.
  await server11.must(["cp", "/etc/bind", "/run/keepalived-redis/sessions/blocked-clients"]);
  const writing = await client.writeThroughVip();
  await writing.acknowledged(100, 15);
  assertNeverMoved(lab);
  await writing.stop();
});

scenario("Keepalived dies on the holder: the agent removes the VIP, and the peer takes over", agent, async (lab) => {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  await writing.acknowledged(500);
  await server11.killKeepalived();
  await lab.until(() => !server11.holdsVip(), 15, "the VIP has left server11");
  await lab.until(() => isPair(server12, server11), 15, "server12 serves and server11 follows");
  const report = await writing.stop();
  // For a moment there were two holders. The writes that the old one accepted then are in its dump.
  const missing = await lab.lostWrites(report, server12);
  assert.deepEqual(await lostForGood(missing, report, lab.servers), []);
});

scenario(
  "a second agent and a broken cluster file are refused, and health is served over HTTP",
  {
    ...agent,
    cluster: { agent: { listen: "127.0.0.1:9121" } },
  },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    const second = await server11.run(["agent"]);
    assert.equal(second.code, 1, second.stderr);
    assert.match(second.stderr, /^agent: .*sessions/);
    const file = "/etc/keepalived-redis/cluster.toml";
    await server11.must(["sh", "-c", `cp ${file} /tmp/good && echo nonsense >>${file}`]);
    await server11.reloadAgent();
    const logged = (wanted: string) => server11.log().some(({ event }) => event === wanted);
    await lab.until(() => logged("cluster-file-refused"), 15, "the broken file is refused");
    await server11.must(["cp", "/tmp/good", file]);
    await server11.reloadAgent();
    await lab.until(() => logged("cluster-file-read"), 15, "the good file is reloaded");
    const get = async (server: Server, path: string) => {
      const code = `fetch("http://127.0.0.1:9121${path}").then(async r=>console.log(r.status, await r.text()))`;
      return (await server.must(["node", "-e", code])).stdout;
    };
    await lab.until(async () => /^200/.test(await get(server11, "/master")), 15, "server11 answers that it is master");
    assert.match(await get(server12, "/master"), /^503/);
    assert.match(await get(server12, "/replica"), /^200/);
    assert.match(await get(server11, "/healthz"), /^200/);
    assert.match(await get(server11, "/metrics"), /keepalived_redis_master\{cluster="sessions",node="server11"\} 1/);
    assert.match(await get(server12, "/status"), /"holder":false/);
    assert.match(await get(server11, "//"), /^404/, "an invalid path does not end the agent");
    assertNeverMoved(lab);
  },
);

scenario(
  'with failover.failback = "auto" the preferred node gets the role back, and no write is lost',
  {
    ...agent,
    cluster: { failover: { failback: "auto" } },
  },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    await server11.killRedis();
    await lab.until(() => serves(server12), 20, "server12 took over");
    await server11.startRedis();
    await lab.until(() => follows(server11), 15, "server11 is a replica again");
    const back = await client.writeThroughVip();
    await back.acknowledged(200);
    await lab.until(() => isPair(server11, server12), 25, "server11 serves again");
    await writing.stop();
    assert.deepEqual(await lab.lostWrites(await back.stop(), server11), []);
  },
);

scenario(
  "with failover.elastic_fence an isolated master refuses writes, and a master whose replica died accepts them",
  { ...agent, cluster: { failover: { elastic_fence: true } } },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    const set = (key: string) => server11.redis("SET", key, "1").then(String, (error: Error) => error.message);
    const fence = async () => String(await server11.redis("CONFIG", "GET", "min-replicas-to-write"));
    await lab.until(async () => (await fence()).endsWith(",1"), 20, "the fence is set");
    await server12.killRedis();
    await lab.until(async () => (await fence()).endsWith(",0"), 20, "the fence is lifted, since the replica is dead");
    assert.equal(await set("a"), "OK");
    await server12.startRedis();
    await lab.until(
      async () => (await isPair(server11, server12)) && (await fence()).endsWith(",1"),
      20,
      "server12 follows again, and the fence is set",
    );
    await server11.cutFrom(server12);
    await lab.until(async () => /NOREPLICAS/.test(await set("b")), 20, "the isolated master refuses writes");
    await lab.until(() => serves(server12), 20, "server12 serves");
    assert.equal(await server12.redis("SET", "c", "x".repeat(1_000_000)), "OK");
    const watch = lab.watchMasters();
    await server11.healFrom(server12);
    const onePair = async () => (await isPair(server12, server11)) || (await isPair(server11, server12));
    await lab.until(onePair, 25, "one master, one replica");
    assert.equal((await watch.stop()).twoMasters_ms, 0);
    assert.equal(String(await server11.redis("EXISTS", "c")), "1", "what server12 accepted in the meantime");
  },
);
