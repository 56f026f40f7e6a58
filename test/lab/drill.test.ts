import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { DrillReport, DrillStep } from "../../src/model/drill.ts";
import type { WriteReport } from "./client/write-report.ts";
import type { Lab } from "./lab.ts";
import { monotonic_ms } from "./machine/process.ts";
import { isPair } from "./roles.ts";
import { scenario } from "./scenario.ts";
import { addGeneratedFiles, goodRedisConf } from "./server/good-pair.ts";
import { binFolder, type Server } from "./server/server.ts";

/** `drill` on a whole pair, in both profiles: what it measures, what it leaves behind, and what becomes of a drill that is stopped. */

const drilled = { deadline_ms: 90_000 };
const key = "keepalived-redis:sessions:drill";
// As the probe client: what a client waits for after a lost packet is a part of its gap.
const asProbe = { connect_timeout_ms: 25, reply_timeout_ms: 25, attempt_every_ms: 2 };

async function bringUp(lab: Lab, profile: "hooks" | "agent"): Promise<void> {
  for (const server of lab.servers) await addGeneratedFiles(server, profile);
  await lab.bringUp();
}

const json = async (server: Server, ...args: string[]) => {
  const { code, stdout, stderr } = await server.run(["drill", "--json", ...args], drilled);
  assert.notEqual(stdout, "", `exit ${code}: ${stderr}`);
  return { code, stderr, ...(JSON.parse(stdout) as DrillReport) };
};

/** The writer's longest gap in that part. Both have the clock of the machine. */
function gapOfWriter({ at, waited_s, took_s }: DrillStep, { acknowledgements: acks }: WriteReport): number {
  const from_ms = Date.parse(at) - Date.now() + monotonic_ms() - 5;
  const to_ms = from_ms + (waited_s + took_s) * 1000 + 100;
  let longest = 0;
  for (let index = 1; index < acks.count; index++) {
    const at_ms = acks.time_ms(index);
    if (at_ms > from_ms && acks.time_ms(index - 1) < to_ms)
      longest = Math.max(longest, at_ms - acks.time_ms(index - 1));
  }
  return longest;
}

/**
 * Each gap of a role change is about the writer's own. On a busy machine each of the two stands still for up to 60 ms at times of its own,
 * without using the processor, so they may differ by 100 ms; the figures are printed.
 */
function assertAgrees(steps: readonly DrillStep[], report: WriteReport, where: string): void {
  for (const step of steps) {
    if (step.gap_ms === null || step.part === "recover") continue;
    const own = gapOfWriter(step, report);
    console.log(
      `  ${where}: ${step.part}: drill ${step.gap_ms} ms, writer ${own.toFixed(1)} ms (${Math.round((100 * step.gap_ms) / own - 100)} %), lost ${step.lost}`,
    );
    assert.ok(
      Math.abs(step.gap_ms - own) <= Math.max(0.2 * own, 100),
      `${where}: ${step.part}: ${step.gap_ms} ms, ${own} ms`,
    );
  }
}

/** Nothing of a drill is left: no key, no process, no drain; and server11 serves. */
async function assertAsBefore(lab: Lab): Promise<void> {
  const { server11, server12 } = lab;
  await lab.until(() => isPair(server11, server12), 20, "server11 serves, server12 follows");
  await assertNothingLeft(lab);
}

async function assertNothingLeft(lab: Lab): Promise<void> {
  for (const server of lab.servers) {
    // Its removal is replicated as any write.
    const gone = async () => (await server.redis("EXISTS", key)) === 0;
    await lab.until(gone, 15, `${server.name} does not have the key any more`);
    assert.deepEqual(await server.redis("KEYS", "keepalived-redis:*"), [], server.name);
    const net = await server.exec(["sh", "-c", "grep -al 'cat >/dev/null; exe[c]' /proc/[0-9]*/cmdline"]);
    assert.equal(net.stdout, "", server.name);
    assert.ok(!existsSync(server.at("/run/keepalived-redis/sessions/drain")), server.name);
  }
}

/** Starts a drill, sends it a signal once it has printed `line`, and returns its exit code and output. */
async function interrupted(server: Server, line: string, signal: string, args = "") {
  const script = `: >/tmp/out; ${binFolder}/drill ${args} >/tmp/out 2>/tmp/err & drill=$!
    until grep -q ${JSON.stringify(line)} /tmp/out || ! kill -0 $drill; do sleep 0.005; done
    kill -${signal} $drill; wait $drill; code=$?; cat /tmp/out /tmp/err; exit $code`;
  return await server.exec(["sh", "-c", script], drilled);
}

for (const profile of ["hooks", "agent"] as const) {
  const options = {
    profile,
    // What it measures is compared with the writer's gap, and a writer at full speed takes a core of the two from the probe client.
    pause_ms: 1,
    redis: { conf: goodRedisConf },
    ...(profile === "agent" ? { cluster: { agent: { listen: "0.0.0.0:9121" } } } : {}),
  };

  scenario(
    `there and back from either node: what it measures is what another client measured, profile ${profile}`,
    { ...options, seconds: 120, long: profile === "hooks" },
    async (lab) => {
      await bringUp(lab, profile);
      const { server11, server12, client } = lab;
      const writing = await client.writeThroughVip(asProbe);
      const reports = [];
      for (const server of [server11, server12]) {
        const report = await json(server);
        assert.equal(report.code, 0, JSON.stringify(report));
        assert.deepEqual(
          report.steps.map(({ part, lost }) => [part, lost]),
          [
            ["checks", null],
            ["there", 0],
            ["back", 0],
          ],
        );
        assert.deepEqual([report.profile, report.from_holder], [profile, server === server11]);
        await lab.until(() => isPair(server11, server12), 20, "server11 serves again");
        await assertNothingLeft(lab);
        reports.push(report);
        await writing.acknowledged(writing.progress.acknowledged + 500, 30);
      }
      const own = await writing.stop();
      for (const { steps, from } of reports) assertAgrees(steps, own, `${profile}, run on ${from}`);
      assert.deepEqual(await lab.lostWrites(own, server11), []);
      const { stdout, code } = await server12.run(["drill"], drilled);
      assert.equal(code, 0, stdout);
      for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
      console.log(stdout);
    },
  );

  scenario(
    `--kill-redis: the real crash, and everything is as before, profile ${profile}`,
    { ...options, seconds: 120, long: true },
    async (lab) => {
      await bringUp(lab, profile);
      const { server11, server12, client } = lab;
      const elsewhere = await server12.run(["drill", "--kill-redis", "--yes"], drilled);
      assert.deepEqual([elsewhere.code, /run it on server11/.test(elsewhere.stderr)], [1, true], elsewhere.stderr);
      const unasked = await server11.run(["drill", "--kill-redis"], drilled);
      assert.deepEqual([unasked.code, /--yes/.test(unasked.stderr)], [2, true], unasked.stderr);
      const planned = await server11.run(["drill", "--kill-redis", "--dry-run"], drilled);
      assert.equal(planned.code, 0, planned.stderr);
      assert.match(planned.stdout, /would kill Redis on server11 \(SIGKILL to process \d+\)/);
      assert.ok(await isPair(server11, server12));

      const writing = await client.writeThroughVip(asProbe);
      const report = await json(server11, "--kill-redis", "--yes");
      assert.equal(report.code, 0, JSON.stringify(report));
      await assertAsBefore(lab);
      assert.deepEqual(
        report.steps.map(({ part }) => part),
        ["checks", "kill", "recover", "back"],
      );
      assertAgrees(report.steps, await writing.stop(), `${profile}, killed`);
    },
  );

  scenario(
    `a drill that is stopped leaves a healthy pair, profile ${profile}`,
    { ...options, seconds: 240, long: profile === "hooks" },
    async (lab) => {
      await bringUp(lab, profile);
      const { server11, server12 } = lab;
      for (const [server, line, signal] of [
        [server11, "nothing wrong", "INT"],
        [server12, "server12 is master, server11", "INT"],
        [server11, "server12 is master, server11", "TERM"],
      ] as const) {
        const { code, stdout } = await interrupted(server, line, signal);
        assert.equal(code, 1, stdout);
        assert.match(
          stdout,
          new RegExp(`^drill: stopped by SIG${signal}; server11 is master, server12 its replica`, "m"),
        );
        await assertAsBefore(lab);
      }
      // Killed, it puts nothing back: whoever is master then stays, and the other one follows.
      await interrupted(server12, "server12 is master, server11", "KILL");
      await lab.until(
        async () => (await isPair(server11, server12)) || (await isPair(server12, server11)),
        20,
        "a pair",
      );
      const master = server11.holdsVip() ? server11 : server12;
      const left_ms = Number(await master.redis("PTTL", key));
      assert.ok(left_ms > 0 && left_ms <= 60_000, `${left_ms} ms`);
      const beside = await master.run(["drill"], drilled);
      assert.deepEqual(
        [beside.code, /another drill runs, or was killed/.test(beside.stderr)],
        [1, true],
        beside.stderr,
      );
      await master.redis("DEL", key);
      if (!server11.holdsVip()) {
        const moved = await server11.run(["switchover", "--to", "server11"], drilled);
        assert.equal(moved.code, 0, moved.stderr);
      }
      await assertAsBefore(lab);

      const stopped = await interrupted(server11, "killed Redis", "INT", "--kill-redis --yes");
      assert.equal(stopped.code, 1, stopped.stdout);
      await assertAsBefore(lab);
      // Nobody but the net of the drill starts this Redis again.
      await interrupted(server11, "killed Redis", "KILL", "--kill-redis --yes");
      await lab.until(() => isPair(server12, server11), 30, "server12 took over, server11 follows");
    },
  );

  scenario(
    `a step that fails is undone, and nothing starts on a pair that is not well, profile ${profile}`,
    { ...options, seconds: 150, long: true },
    async (lab) => {
      await bringUp(lab, profile);
      const { server11, server12 } = lab;
      const refused = async (server: Server, words: RegExp) => {
        const { code, stdout, stderr } = await server.run(["drill"], drilled);
        assert.deepEqual([code, stdout], [1, ""], stderr);
        assert.match(stderr, words);
        assert.match(stderr, /^drill: .+\n {2}.+\n$/);
      };
      await server11.run(["maintenance", "on"]);
      await refused(server11, /maintenance/);
      await refused(server12, /maintenance is on on server11/);
      await server11.run(["maintenance", "off"]);

      // The hooks and the agent make it follow again, so it must not be able to.
      await server12.redis("CONFIG", "SET", "masterauth", "another");
      await server12.redis("REPLICAOF", "127.0.0.1", "1");
      await refused(server11, /server12/);
      await server12.redis("CONFIG", "SET", "masterauth", lab.password ?? "");
      await lab.until(() => isPair(server11, server12), 30, "server12 follows again");

      await server11.redis("CONFIG", "SET", "masterauth", "another");
      await refused(server12, /masterauth: /);
      await server11.redis("CONFIG", "SET", "masterauth", lab.password ?? "");

      // Its Keepalived runs, and does not take the virtual IP. An agent there tells it; without one no health check tells anything.
      await server12.hangKeepalived();
      if (profile === "agent") {
        await refused(server11, /Keepalived hangs on server12/);
        await server12.resumeKeepalived();
        return;
      }
      const failed = await json(server11);
      assert.deepEqual([failed.code, failed.result], [1, "failed"], JSON.stringify(failed));
      assert.match(failed.stderr, /^drill: .*did not move to server12.*; server11 is master, server12 its replica\n/);
      await server12.resumeKeepalived();
      await assertAsBefore(lab);
    },
  );
}
