import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { longestGapAfter } from "./client/write-rates.ts";
import { monotonic_ms } from "./machine/process.ts";
import { serves } from "./roles.ts";
import { scenario } from "./scenario.ts";

/** The commands switchover and maintenance. */

scenario(
  "switchovers under load, from either node: no acknowledged write is lost, and the old master is in sync",
  { seconds: 150, pause_ms: 0 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const watch = lab.watchMasters();
    const writing = await client.writeThroughVip({ connections: 4 });
    for (let round = 0; round < 6; round++) {
      const [from, to] = round % 2 ? [server12, server11] : [server11, server12];
      // Half of them are started on the old master, half on the new one.
      const { code, stderr } = await (round % 4 < 2 ? from : to).run(["switchover", "--to", to.name], {
        deadline_ms: 40_000,
      });
      assert.equal(code, 0, stderr);
      assert.ok(to.holdsVip());
      assert.equal(await to.role(), "master");
      // Not at once: the hand-over ends the sessions of the old master's clients, this test's question among them.
      await lab.until(() => from.inSync(), 15, `${from.name} is in sync`);
      await lab.until(() => from.vrrpState() === "BACKUP", 20, `${from.name} is in BACKUP again`);
      await writing.acknowledged(writing.progress.acknowledged + 500);
    }
    const [report, masters] = [await writing.stop(), await watch.stop()];
    assert.deepEqual(await lab.lostWrites(report, server11), []);
    // Only a time in which both certainly were writable masters is counted.
    assert.equal(masters.twoMasters_ms, 0);
  },
);

scenario("a switchover that is not possible is refused with a reason, and changes nothing", {}, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  await server12.hangRedis();
  const hung = await server11.run(["switchover"], { deadline_ms: 40_000 });
  assert.equal(hung.code, 1);
  assert.match(hung.stderr, /^switchover: .+\n {2}.+/);
  await server12.resumeRedis();
  const unknown = await server11.run(["switchover", "--to", "server31"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /server11, server12/);
  assert.ok(server11.holdsVip());
  assert.equal(await server11.role(), "master");
});

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `a switchover to a node without Keepalived is undone within seconds, and the old master serves again, profile ${profile}`,
    { profile, seconds: 90 },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      await server12.stopKeepalived();
      const writing = await client.writeThroughVip();
      const { code, stderr } = await server11.run(["switchover"], { deadline_ms: 60_000 });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^switchover: .*server12.*no master for 3 s\n {2}.+/);
      await lab.until(() => serves(server11), 20, "server11 serves again");
      await writing.acknowledged(writing.progress.acknowledged + 500, 20);
      const report = await writing.stop();
      assert.deepEqual(await lab.lostWrites(report, server11), []);
      // It was 22 s when the command waited for its deadline.
      assert.ok(report.longestGap.ms < 12_000, `${report.longestGap.ms} ms without a write`);
    },
  );
}

scenario(
  "a replica that does not catch up with the writes of its master is not given the role, and clients notice nothing",
  { seconds: 90, pause_ms: 0 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    // Its hook lifts a fence that was left.
    const followed = () =>
      server12.log().some(({ event, transition }) => event === "transition-done" && transition === "BACKUP");
    await lab.until(followed, 20, "server12 is in BACKUP");
    // It acknowledges what it had, answers, and its link is up.
    await server12.redis("CLIENT", "PAUSE", "60000", "WRITE");
    await writing.acknowledged(writing.progress.acknowledged + 100);
    const asked_ms = monotonic_ms();
    const { code, stderr } = await server11.run(["switchover"], { deadline_ms: 60_000 });
    const refused_ms = monotonic_ms();
    assert.equal(code, 1, stderr);
    assert.match(stderr, /server12 to catch up/);
    assert.ok(server11.holdsVip());
    await server12.redis("CLIENT", "UNPAUSE");
    const moved = await server11.run(["switchover"], { deadline_ms: 60_000 });
    assert.equal(moved.code, 0, moved.stderr);
    const report = await writing.stop();
    const gap = longestGapAfter(report, asked_ms, refused_ms);
    console.log(`  a replica that does not catch up: ${Math.round(gap.ms)} ms without an acknowledged write`);
    assert.ok(gap.ms < 1000, `${gap.ms} ms without a write before the refusal`);
    assert.deepEqual(await lab.lostWrites(report, server12), []);
  },
);

scenario("in maintenance nothing fails over, and its end is the next step; afterwards it does", {}, async (lab) => {
  const { server11, server12 } = lab;
  await lab.bringUp();
  for (const server of lab.servers) {
    const { code, stdout } = await server.run(["maintenance", "on", "--until", "30m"]);
    assert.equal(code, 0);
    const [until = "", warning = ""] = stdout.split("\n");
    assert.equal((await server.run(["maintenance", "status"])).stdout, `${until}\n`);
    assert.equal(warning !== "", server === server11, "the holder's alone says what a restart of Redis costs");
  }
  await server11.stopRedis();
  await server11.startRedis();
  // Its health check finds the node fit, as before maintenance.
  await sleep(2000);
  assert.equal(await server11.role(), "replica");
  assert.equal(await server12.role(), "replica");
  assert.ok(server11.holdsVip());
  const [finding] = JSON.parse((await server11.run(["status", "--json"])).stdout).findings;
  assert.deepEqual([finding.cause, finding.command.split(" --")[0]], ["no-master", "maintenance off"]);
  assert.match(finding.text, /server11 has the virtual IP and is in maintenance/);
  await server11.stopRedis();
  await sleep(3000);
  assert.ok(server11.holdsVip());
  assert.equal(await server12.role(), "replica");
  for (const server of lab.servers) assert.equal((await server.run(["maintenance", "off"])).code, 0);
  await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 20, "server12 took over");
});
