import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { monotonic_ms, sleep } from "./machine/process.ts";
import { scenario } from "./scenario.ts";

/** Tests of the lab itself, with a few lines of shell instead of the product. */

const plain = { profile: "plain" } as const;

scenario("a client writes through the VIP, and goes on after the holder's Redis is killed", plain, async (lab) => {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  assert.deepEqual([await server11.role(), await server12.role()], ["master", "replica"]);
  const watch = lab.watchMasters();
  const writing = await client.writeThroughVip();
  await writing.acknowledged(500);
  const killed = monotonic_ms();
  await server11.killRedis();
  await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 15, "server12 took over");
  await writing.acknowledged(writing.progress.acknowledged + 500);
  const [report, masters] = [await writing.stop(), await watch.stop()];
  assert.ok(report.acknowledged >= 1000);
  assert.ok(report.longestGap.end_ms > killed, "the gap is the failover");
  assert.ok(report.errors.ECONNREFUSED ?? 0, `refused connections are counted: ${JSON.stringify(report.errors)}`);
  assert.ok((await lab.lostWrites(report, server12)).length <= 2, "one write was in flight");
  assert.ok(masters.noMaster_ms > 0 && masters.twoMasters_ms === 0, String(masters));
  assert.deepEqual(
    server12.hookRuns().map(({ transition }) => transition),
    ["BACKUP", "MASTER"],
  );
  await server12.redis("DEL", "w0:7");
  assert.ok((await lab.lostWrites(report, server12)).includes("w0:7"), "a missing key is reported");
});

scenario("a pulled cable moves the VIP; the VIP does not move back when the cable is back", plain, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  await server11.cutOff();
  await lab.until(() => server12.holdsVip() && !server11.holdsVip(), 15, "the VIP moved");
  assert.equal(server11.vrrpState(), "FAULT");
  assert.equal(await server11.role(), "master", "the Redis of a host that is cut off can be read");
  await server11.heal();
  await lab.until(() => server11.vrrpState() === "BACKUP", 15, "server11 is in BACKUP");
  assert.ok(server12.holdsVip() && !server11.holdsVip());
});

scenario("a silent cut gives two holders and two masters, which the watch reports", plain, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  const watch = lab.watchMasters();
  await server11.cutOff({ silently: true });
  await lab.until(() => server11.holdsVip() && server12.holdsVip(), 15, "both hold the VIP");
  await lab.until(async () => (await server12.role()) === "master", 15, "server12 is a master, too");
  await sleep(200);
  await server11.heal();
  await lab.until(() => server11.holdsVip() !== server12.holdsVip(), 15, "one of them holds it");
  const masters = await watch.stop();
  assert.ok(masters.twoMasters_ms >= 150, String(masters));
});

scenario("a one-way cut loses only the packets that one host sends", plain, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  await server12.cutFrom(server11, { oneWay: true });
  await sleep(1500);
  assert.ok(server11.holdsVip() && !server12.holdsVip(), "server12 still receives adverts");
  await server12.healFrom(server11);
  await server11.cutFrom(server12, { oneWay: true });
  await lab.until(() => server12.holdsVip(), 15, "server12 receives no more adverts and takes the VIP");
  assert.ok(server11.holdsVip(), "server11 receives adverts and stays, since it has the higher priority");
  await server11.healFrom(server12);
  await lab.until(() => server11.holdsVip() && !server12.holdsVip(), 15, "healed, the higher priority keeps it");
});

scenario("after a power cut a host keeps its disk, but not its memory and services", plain, async (lab) => {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip();
  await server11.must(["sh", "-c", "echo kept >/var/lib/kept; echo lost >/run/lost"]);
  await server11.powerOff();
  await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 15, "server12 took over");
  await writing.acknowledged(writing.progress.acknowledged + 100);
  const { errors } = await writing.stop();
  const seen = ["closed", "ECONNRESET", "ECONNREFUSED"].filter((kind) => kind in errors);
  assert.deepEqual(seen, [], "a host without power closes no connection and refuses none");
  assert.match(server11.keepalivedLog(), /Entering MASTER STATE/, "the disk can be read while the host is off");
  await server11.powerOn();
  const { stdout } = await server11.exec(["cat", "/var/lib/kept", "/run/lost"]);
  assert.equal(stdout, "kept\n");
  assert.ok(!server11.redisRuns && !server11.keepalivedRuns && !server11.holdsVip());
  await server11.startRedis("--replicaof", `${server12.address} 6379`);
  await lab.until(() => server11.inSync(), 15, "server11 follows");
});

scenario("services hang, are resumed, killed, reloaded and started twice", plain, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  await server11.killKeepalived();
  await lab.until(() => server12.holdsVip(), 15, "server12 receives no more adverts");
  assert.ok(server11.holdsVip(), "Keepalived that is killed leaves the VIP behind");
  await server11.startKeepalived();
  await server11.startKeepalived();
  assert.equal(server11.keepalivedLog().match(/Starting Keepalived/g)?.length, 2, "a second start changes nothing");
  await lab.until(() => server11.vrrpState() === "BACKUP" && !server11.holdsVip(), 15, "a new one removes it");
  await server11.reloadKeepalived();
  await lab.until(() => /Reloading/.test(server11.keepalivedLog()), 15, "the reload is in the log");
  await server12.stopKeepalived();
  await lab.until(() => server11.holdsVip() && !server12.holdsVip(), 15, "the VIP moved");
  await server11.hangRedis();
  assert.ok(server11.redisRuns);
  assert.equal(await server11.role(), "none");
  await server11.resumeRedis();
  assert.equal(await server11.role(), "master");
  await server11.stopRedis();
  assert.ok(!server11.redisRuns);
});

scenario("the write report is right for several connections, and the bandwidth can be limited", plain, async (lab) => {
  const { server11, server12, client } = lab;
  await lab.bringUp();
  const writing = await client.writeThroughVip({ connections: 4, pipeline: 16, count: 20_000, db: 1, valueBytes: 100 });
  await writing.written();
  const report = await writing.stop();
  assert.equal(report.acknowledged, 20_000);
  assert.deepEqual(report.errors, {});
  await lab.until(async () => (await lab.lostWrites(report, server12)).length === 0, 15, "the replica has every write");
  // Redis 8 has a field more there.
  assert.match((await server11.info())?.db1 ?? "", /^keys=20000,expires=0,/);
  await server12.stopKeepalived();
  await server12.bandwidth(2);
  const started = monotonic_ms();
  await server12.redis("REPLICAOF", "NO", "ONE");
  await server12.redis("FLUSHALL");
  await server11.redis("CONFIG", "SET", "repl-diskless-sync-delay", "0");
  await server12.redis("REPLICAOF", server11.address, "6379");
  await lab.until(() => server12.inSync(), 30, "a full copy of half a megabyte");
  const copy_ms = monotonic_ms() - started;
  assert.ok(copy_ms > 1000, `${copy_ms} ms is too short for half a megabyte at 2 Mbit/s`);
});

scenario("three servers: the first holds the VIP, the others are in BACKUP", { ...plain, nodes: 3 }, async (lab) => {
  const { server11, server12, server13 } = lab;
  await lab.bringUp();
  assert.ok(server11.holdsVip());
  await server12.cutFrom(server13);
  await server11.powerOff();
  await lab.until(() => server12.holdsVip() && server13.holdsVip(), 15, "two that can't reach each other both take it");
});

scenario("a host can't write to the machine, and does not see its sockets and environment", plain, async (lab) => {
  const { server11 } = lab;
  const { stdout } = await server11.exec([
    "sh",
    "-c",
    "touch /usr/lib/x 2>&1; ls /dev/log /run/systemd 2>&1; hostname; env",
  ]);
  assert.match(stdout, /Read-only file system|Permission denied/);
  assert.doesNotMatch(stdout, /^\/dev\/log|journal/m);
  assert.match(stdout, /^server11$/m);
  assert.doesNotMatch(stdout, /NODE_EXTRA_CA_CERTS/);
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  assert.doesNotMatch(mounts, / \/media\/hosts/);
});
