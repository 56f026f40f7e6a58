import assert from "node:assert/strict";
import type { Lab } from "./lab.ts";
import { monotonic_ms } from "./machine/process.ts";
import { serves } from "./roles.ts";
import { scenario } from "./scenario.ts";

/** Failures of the master: the replica becomes master with the VIP. The gap and the lost writes are printed. */

interface Failure {
  title: string;
  inject(lab: Lab): Promise<void>;
}

const failures: Failure[] = [
  { title: "the master's Redis is killed", inject: ({ server11 }) => server11.killRedis() },
  { title: "the master's Redis hangs", inject: ({ server11 }) => server11.hangRedis() },
  { title: "the master's host is cut off", inject: ({ server11 }) => server11.cutOff({ silently: true }) },
  { title: "the master's host loses its power", inject: ({ server11 }) => server11.powerOff() },
];

// Much longer than a take-over: its time is printed, and only its end is asserted.
const takeOver_s = 10;

for (const { title, inject } of failures) {
  scenario(`${title}: the replica takes over`, {}, async (lab) => {
    const { server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    const failed_ms = monotonic_ms();
    await inject(lab);
    await lab.until(() => serves(server12), takeOver_s, "server12 took over");
    const before = writing.progress.acknowledged;
    await writing.acknowledged(before + 500);
    const report = await writing.stop();
    const lost = await lab.lostWrites(report, server12);
    console.log(
      `  ${title}: first write after ${Math.round(report.firstAfter(failed_ms + 20))} ms, longest gap ` +
        `${Math.round(report.longestGap.ms)} ms, ${lost.length} of ${report.acknowledged} acknowledged writes lost`,
    );
    // Asynchronous replication may lose writes in flight. A connection has one write in flight at a time.
    assert.ok(lost.length <= 50, `${lost.length} acknowledged writes are lost`);
  });
}

scenario("a former master that is restarted becomes a replica, and the new master keeps its data", {}, async (lab) => {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  await writing.acknowledged(500);
  await server11.killRedis();
  await lab.until(() => serves(server12), 20, "server12 took over");
  await writing.acknowledged(writing.progress.acknowledged + 500);
  await server11.startRedis();
  await lab.until(() => server11.inSync(), 15, "server11 follows server12");
  const report = await writing.stop();
  const lost = await lab.lostWrites(report, server12);
  // As above: those in flight at the crash, and none since then.
  assert.ok(lost.length <= 50, `${lost.length} acknowledged writes are lost`);
  assert.deepEqual(await lab.lostWrites(report, server11), lost);
  assert.equal(await server12.role(), "master");
});

scenario(
  "the new master crashes as soon as the former one has copied from it: that one serves again",
  {},
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    await server11.killRedis();
    await lab.until(() => serves(server12), 20, "server12 took over");
    await writing.acknowledged(writing.progress.acknowledged + 500);
    const report = await writing.stop();
    const lost = await lab.lostWrites(report, server12);
    await server11.startRedis();
    const hasCopied = async () =>
      (await server11.inSync()) && (await lab.lostWrites(report, server11)).length <= lost.length;
    await lab.until(hasCopied, 15, "server11 has copied from server12");
    // Mostly before the next check of server11, whose record of what was served is then of its own time as master.
    await server12.killRedis();
    await lab.until(() => serves(server11), 20, "server11 took over");
    assert.deepEqual(await lab.lostWrites(report, server11), lost, "the second crash lost nothing");
  },
);

scenario(
  "Keepalived starts on the only master: the first BACKUP transition does not demote it",
  { redis: { replicaofLine: false } },
  async (lab) => {
    const { server11 } = lab;
    await server11.startRedis();
    await server11.startKeepalived();
    await lab.until(() => server11.holdsVip(), 20, "server11 holds the VIP");
    await lab.until(() => server11.hookRuns().length >= 2, 20, "both hooks have ended");
    assert.equal(await server11.role(), "master");
    assert.deepEqual(
      server11.hookRuns().map(({ transition }) => transition),
      ["BACKUP", "MASTER"],
    );
  },
);

scenario("two parked servers without data start for the first time: one becomes master", {}, async (lab) => {
  const { servers } = lab;
  await Promise.all(servers.map((server) => server.startRedis()));
  await Promise.all(servers.map((server) => server.startKeepalived()));
  const isPair = async () => {
    const roles = await Promise.all(servers.map((server) => server.role()));
    const holder = servers.find((server) => server.holdsVip());
    const replica = servers.find((server) => server !== holder);
    const masters = roles.filter((role) => role === "master").length;
    return masters === 1 && (await holder?.role()) === "master" && (await replica?.inSync()) === true;
  };
  await lab.until(isPair, 20, "one master with the VIP, the other one in sync");
});

scenario(
  "the master's host reboots during a full copy: the replica starts the copy again, before repl-timeout",
  { seconds: 90 },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server12.killRedis();
    // More than the backlog holds, so that a full copy is needed.
    await server11.redis("CONFIG", "SET", "repl-backlog-size", "16384");
    for (let key = 0; key < 500; key++) await server11.redis("SET", `k${key}`, "v".repeat(100));
    await server11.redis("SAVE");
    // 20 ms a key: the copy takes ten seconds.
    await server11.redis("CONFIG", "SET", "rdb-key-save-delay", "20000");
    await server12.startRedis();
    const copying = async () => (await server12.info())?.master_sync_in_progress === "1";
    await lab.until(copying, 15, "server12 copies");
    await server11.powerOff();
    await server11.powerOn();
    await server11.startRedis();
    await server11.startKeepalived();
    const isPair = async () => (await serves(server11)) && (await server12.inSync());
    // Redis by itself would wait for repl-timeout, 60 s.
    await lab.until(isPair, 30, "server11 is master again, server12 in sync");
    assert.equal(await server12.redis("DBSIZE"), 500);
  },
);
