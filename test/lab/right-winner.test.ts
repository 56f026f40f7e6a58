import assert from "node:assert/strict";
import { dumpsOf, lostForGood } from "./chaos/dumps.ts";
import type { Lab } from "./lab.ts";
import { sleep } from "./machine/process.ts";
import { isPair, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** A node that was promoted after the other one had resigned stays master, whatever the other one has written meanwhile. */

/** A script that writes for some seconds, 10 MB in each, and lets nobody else in. Its writes are replicated when it has ended. */
const busyScript = `
  -- TIME stands still within a script since Redis 7.2, and only since then scripts have a clock.
  local has_clock, clock = pcall(function() return os.clock end)
  local function now_ms()
    if has_clock then return math.floor(clock() * 1000) end
    local time = redis.call("TIME")
    return time[1] * 1000 + math.floor(time[2] / 1000)
  end
  local start, written = now_ms(), 0
  while written < ARGV[1] * 1000 do
    local elapsed = now_ms() - start
    if elapsed > written then
      written = elapsed
      redis.call("SET", "script:" .. (written % 5000), string.rep("x", 10000))
    end
  end
  return written`;

/** A line of the log of a node whose Redis doesn't answer, and has the commands to park before it by now. */
const waitsToPark = (line: object): boolean =>
  JSON.stringify(line).includes("send the local Redis the commands to park");

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `a script of 8 s that writes, for which Redis answers nothing: the node that took over stays, profile ${profile}`,
    { profile, seconds: 90, long: profile === "agent" },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      await server11.redis("CONFIG", "SET", "busy-reply-threshold", "60000");
      const writing = await client.writeThroughVip();
      await writing.acknowledged(500);
      const script = server11.redis("EVAL", busyScript, "0", "8").catch(() => undefined);
      await lab.until(() => serves(server12), 15, "server12 took over");
      await script;
      await lab.until(() => isPair(server12, server11), 30, "server12 serves and server11 follows");
      await writing.acknowledged(writing.progress.acknowledged + 500);
      const report = await writing.stop();
      const lost = await lab.lostWrites(report, server12);
      assert.deepEqual(await lostForGood(lost, report, lab.servers), []);
      assert.deepEqual(dumpsOf([server12]), [], "the writes of the new master's clients were moved to a dump");
      assert.ok(!server12.log().some(({ step, event }) => step === "follow" && event === "step-done"));
    },
  );

  scenario(
    `a script of 8 s, for which Redis answers BUSY: it is parked when it wakes, profile ${profile}`,
    { profile, seconds: 90, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      const script = server11.redis("EVAL", busyScript, "0", "8").catch(() => undefined);
      await lab.until(() => serves(server12), 15, "server12 took over");
      let taken = 0;
      let over = false;
      const writer = (async () => {
        while (!over) {
          await server11.redis("SET", `own:${taken}`, "x").then(
            () => taken++,
            () => undefined,
          );
          await sleep(2);
        }
      })();
      await script;
      await lab.until(() => isPair(server12, server11), 30, "server12 serves and server11 follows");
      over = true;
      await writer;
      // Redis may read a command that has arrived just before the script's end before the one to park.
      assert.ok(taken <= 1, `${taken} writes were acknowledged by a master that had resigned`);
    },
  );

  scenario(
    `a server that hangs answers no TLS handshake: it is parked when it resumes, profile ${profile}`,
    { profile, redis: { tls: true } },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      const before = server11.log().length;
      await server11.hangRedis();
      await lab.until(() => serves(server12), 15, "server12 took over");
      const parking = (event: string) =>
        server11
          .log()
          .slice(before)
          .filter((line) => line.step === "park-on-resume" && line.event === event);
      await lab.until(() => server11.log().slice(before).some(waitsToPark), 20, "server11 waits to be parked");
      await sleep(1000);
      await server11.resumeRedis();
      await lab.until(
        () => parking("step-done").length > 0,
        20,
        "server11 is parked by the commands that waited for it",
      );
      assert.deepEqual(parking("step-failed"), []);
      await lab.until(() => isPair(server12, server11), 30, "server12 serves and server11 follows");
    },
  );

  scenario(
    `a server that hung is made master again: it has read the commands to park before, and none comes later, profile ${profile}`,
    { profile, seconds: 60 },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      const [logged, redisLogged] = [server11.log().length, server11.redisLog().length];
      await server11.hangRedis();
      await lab.until(() => serves(server12), 20, "server12 took over");
      await lab.until(() => server11.log().slice(logged).some(waitsToPark), 20, "server11 waits to be parked");
      await server12.killRedis();
      await server11.resumeRedis();
      await lab.until(() => serves(server11), 20, "server11 serves again");
      await sleep(2000);
      assert.ok(await serves(server11));
      const since = server11.redisLog().slice(redisLogged);
      const roles = [...since.matchAll(/REPLICAOF 127\.0\.0\.1:1 enabled|MASTER MODE enabled/g)].map(String);
      assert.ok(roles.includes("REPLICAOF 127.0.0.1:1 enabled"), "it has not read the commands to park");
      assert.equal(roles.at(-1), "MASTER MODE enabled", "it was parked as the holder");
    },
  );

  scenario(
    `a wrong password on the standby: it is unfit, and the master that comes back serves, profile ${profile}`,
    { profile, seconds: 60 },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      server12.disk.write("/etc/keepalived-redis/password", "wrong\n");
      if (profile === "agent") await server12.reloadAgent();
      await wrongPassword(lab, server12);
      await server11.redis("SET", "before", "the restart");
      await server11.redis("SAVE");
      await server11.killRedis();
      await server11.startRedis();
      await lab.until(() => serves(server11), 20, "server11 serves again");
      assert.equal(await server11.redis("GET", "before"), "the restart");
    },
  );
}

async function wrongPassword(lab: Lab, server: Server): Promise<void> {
  const unfit = () =>
    server.log().some(({ event, cause, healthy }) => event === "verdict" && cause === "password" && healthy === false);
  await lab.until(unfit, 15, `${server.name} is unfit, since Redis rejects our password`);
}

for (const profile of ["hooks", "agent"] as const)
  scenario(
    `a planned move whose old master is slow at that moment: the new one waits, and takes the role over, profile ${profile}`,
    { profile, seconds: 150, redis: { conf: ["enable-debug-command yes"] } },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      const watch = lab.watchMasters();
      const writing = await client.writeThroughVip();
      for (const [from, to] of [
        [server11, server12],
        [server12, server11],
      ] as const) {
        const moved = to.run(["switchover", "--to", to.name], { deadline_ms: 40_000 });
        const given = lab.until(() => !from.holdsVip(), 20, `${from.name} gives the virtual IP away`);
        // A switchover that gives up says why.
        await Promise.race([given, moved.then(({ code, stderr }) => assert.equal(code, 0, stderr))]);
        // The hook of the other node starts now, and waits 0.3 s for an answer.
        const slept = from.redis("DEBUG", "SLEEP", "0.8").catch(() => undefined);
        const { code, stderr } = await moved;
        assert.equal(code, 0, stderr);
        await slept;
        await lab.until(() => isPair(to, from), 20, `${to.name} serves and ${from.name} follows`);
      }
      const [report, masters] = [await writing.stop(), await watch.stop()];
      const promoted = lab.servers.flatMap((server) => server.log().filter(({ step }) => step === "promote"));
      // The agent of a master that hangs at a move parks it, with all of its writes on the other node. That one is promoted then.
      if (profile === "hooks") assert.deepEqual(promoted, [], "a second master was made beside a slow one");
      assert.equal(masters.twoMasters_ms, 0, "a second master was made beside a slow one");
      assert.deepEqual(await lab.lostWrites(report, server11), []);
    },
  );

for (const profile of ["hooks", "agent"] as const)
  scenario(
    `planned moves over a link that delays and loses packets never make two masters, profile ${profile}`,
    { profile, seconds: 200 },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      const watch = lab.watchMasters();
      const writing = await client.writeThroughVip();
      await server11.slowDown(server12, { delay_ms: 5, lost_percent: 3 });
      let moved = 0;
      for (const [from, to] of [
        [server11, server12],
        [server12, server11],
        [server11, server12],
        [server12, server11],
      ] as const) {
        const { code, stderr } = await to.run(["switchover", "--to", to.name], { deadline_ms: 40_000 });
        // A move that does not succeed says so, and is undone.
        if (code !== 0)
          assert.match(stderr, /given up|did not move|in sync|waited 10 s for an answer|could be asked to give/);
        const [master, replica] = code === 0 ? [to, from] : [from, to];
        await lab.until(() => isPair(master, replica), 30, `${master.name} serves and ${replica.name} follows`);
        if (code !== 0) break;
        moved++;
      }
      await server11.endSlow();
      const [report, masters] = [await writing.stop(), await watch.stop()];
      console.log(`  ${moved} of 4 moves, longest gap ${Math.round(report.longestGap.ms)} ms`);
      assert.equal(masters.twoMasters_ms, 0, "a second master was made");
      const master = server11.holdsVip() ? server11 : server12;
      assert.deepEqual(await lab.lostWrites(report, master), []);
    },
  );

scenario(
  "failback waits for a node whose Keepalived would take the virtual IP",
  { profile: "agent", cluster: { failover: { failback: "auto" } }, seconds: 90 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    await server11.stopKeepalived();
    await lab.until(() => isPair(server12, server11), 20, "server12 serves and server11 follows");
    const writing = await client.writeThroughVip();
    const given = () =>
      server12.log().some(({ event, error }) => event === "failback-given-up" && /would not take/.test(String(error)));
    await lab.until(given, 20, "server12 gives the failback up");
    assert.ok(server12.holdsVip());
    const report = await writing.stop();
    assert.ok(report.longestGap.ms < 1000, `${report.longestGap.ms} ms without a write`);
  },
);
