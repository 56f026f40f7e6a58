import assert from "node:assert/strict";
import type { Lab } from "./lab.ts";
import { isPair, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";

/** recover-master makes a failed node a verified replica, and with --failback the master again. */

async function failOver(lab: Lab): Promise<void> {
  const { server11, server12 } = lab;
  await server11.killRedis();
  await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 20, "server12 took over");
  await lab.until(() => server11.vrrpState() === "FAULT", 20, "Keepalived on server11 is in FAULT");
}

const longRun = { deadline_ms: 90_000 };

scenario(
  "load, crash, more load, recovery with failback: every key is on both nodes",
  { cluster: { redis: { persistence: "replica" } }, seconds: 150 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const first = await client.writeThroughVip({ db: 1, connections: 4, pipeline: 16, count: 232_000 });
    await first.written(90);
    const before = await first.stop();
    await failOver(lab);
    const second = await client.writeThroughVip({ db: 1, connections: 4, pipeline: 16, count: 18_000 });
    await second.written(30);
    const after = await second.stop();

    const { code, stdout, stderr } = await server11.run(["recover-master", "--failback", "--json"], longRun);
    assert.equal(code, 0, stderr);
    const { keys, master, holder } = JSON.parse(stdout) as {
      keys: Record<string, number>;
      master: string;
      holder: boolean;
    };
    assert.deepEqual({ keys, master, holder }, { keys: { 1: 250_000 }, master: "server11", holder: true });
    assert.equal(await server12.inSync(), true);
    for (const report of [before, after]) {
      for (const server of lab.servers) assert.deepEqual(await lab.lostWrites(report, server), [], server.name);
    }
    // Persistence followed the roles: snapshots on the replica only.
    assert.deepEqual(await server11.redis("CONFIG", "GET", "save"), ["save", ""]);
    assert.notDeepEqual(await server12.redis("CONFIG", "GET", "save"), ["save", ""]);
  },
);

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `a recovery with --failback under load loses no write that was acknowledged after the failure (profile ${profile})`,
    { profile },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      await failOver(lab);
      const writing = await client.writeThroughVip({ connections: 4 });
      await writing.acknowledged(500);
      const { code, stderr } = await server11.run(["recover-master", "--failback"], longRun);
      assert.equal(code, 0, stderr);
      await writing.acknowledged(writing.progress.acknowledged + 500);
      const report = await writing.stop();
      assert.ok(server11.holdsVip());
      for (const server of [server11, server12])
        assert.deepEqual(await lab.lostWrites(report, server), [], server.name);
    },
  );
}

scenario("recover-master is killed at several moments: the next runs succeed", { seconds: 120 }, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  // Unlike DEBUG POPULATE this is replicated. In parts: Redis answers nobody meanwhile.
  const fill = "for i = 1, 100 do redis.call('SET', KEYS[1] .. i, string.rep('x', 10000)) end";
  for (let part = 0; part < 40; part++) await server11.redis("EVAL", fill, "1", `filler:${part}:`);
  await lab.until(() => isPair(server11, server12), 30, "the pair is in sync");
  await failOver(lab);
  const codes: (number | null)[] = [];
  for (const after of ["0.1", "0.15", "0.2", "0.3", "0.5", "0.8"]) {
    const { code } = await server11.exec(
      ["timeout", "--signal=KILL", after, "/opt/keepalived-redis/recover-master", "--failback"],
      longRun,
    );
    codes.push(code);
  }
  // timeout(1) ends as the command that it killed.
  assert.ok(
    codes.some((code) => code === null || code === 137),
    `no run was killed, exit codes ${codes}`,
  );
  for (const run of [1, 2]) {
    const { code, stderr } = await server11.run(["recover-master", "--failback"], longRun);
    assert.equal(code, 0, `run ${run}: ${stderr}`);
  }
  assert.equal(await server11.role(), "master");
  assert.equal(await server12.inSync(), true);
  for (const server of lab.servers) assert.equal(await server.redis("DBSIZE"), 4000, server.name);
});

scenario(
  "recover-master beside an agent, while Redis loads: it waits, and ends well each time",
  { profile: "agent", seconds: 150 },
  async (lab) => {
    await lab.bringUp();
    const writing = await lab.client.writeThroughVip({ connections: 4, pipeline: 16, count: 4000 });
    await writing.written(30);
    await writing.stop();
    let [master, other] = [lab.server11, lab.server12];
    for (let round = 0; round < 3; round++) {
      await master.redis("SAVE");
      await master.killRedis();
      const taker = other;
      await lab.until(() => serves(taker), 15, `${taker.name} took over`);
      // Some seconds for 4000 keys.
      await master.startRedis("--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024");
      assert.equal((await master.info())?.loading, "1");
      const { code, stdout, stderr } = await master.run(["recover-master"], longRun);
      assert.equal(code, 0, stdout + stderr);
      await master.redis("CONFIG", "SET", "key-load-delay", "0");
      assert.doesNotMatch(stdout + stderr, /unexpected/);
      const former = master;
      await lab.until(() => isPair(taker, former), 20, `${taker.name} serves and ${former.name} follows`);
      [master, other] = [other, master];
    }
  },
);

scenario("recover-master refuses with a remedy if it can't work", {}, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  await failOver(lab);

  await server12.hangRedis();
  const hung = await server11.run(["recover-master"], longRun);
  assert.equal(hung.code, 1);
  assert.match(hung.stderr, /^recover-master: .*192\.0\.2\.12/);
  await server12.resumeRedis();

  await server11.disk.write("/etc/keepalived-redis/password", "wrong\n", 0o600);
  const locked = await server11.run(["recover-master"], longRun);
  assert.equal(locked.code, 1);
  assert.match(locked.stderr, /^recover-master: .*server12.*\n {2}.*password/);
  assert.equal(server11.redisRuns, false);
});
