import assert from "node:assert/strict";
import { lostForGood } from "./chaos/dumps.ts";
import { sleep } from "./machine/process.ts";
import { isPair, roleChanges, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** The master's host was cut off under load, and comes back: the node that took over stays, and serves all the time. */

/** A promotion begins a new one. A master that takes the role over from another one, which lacks nothing of it, goes on with its own. */
const historyOf = async (server: Server) => (await server.info())?.master_replid;

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `a host that was cut off for 4.5 s follows the node that has the clients, without a second promotion, profile ${profile}`,
    { profile, seconds: 90 },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      const writing = await client.writeThroughVip();
      await writing.acknowledged(500);
      await server11.cutOff({ silently: true });
      await lab.until(() => serves(server12), 15, "server12 took over");
      await sleep(3000);
      await writing.acknowledged(writing.progress.acknowledged + 500);
      const history = await historyOf(server12);
      const watch = lab.watchMasters();
      const healed = performance.now();
      await server11.heal();
      await lab.until(() => isPair(server12, server11), 30, "server12 serves and server11 follows");
      const pairAfter_ms = Math.round(performance.now() - healed);
      const [report, masters] = [await writing.stop(), await watch.stop()];
      console.log(
        `  cut off for 4.5 s, profile ${profile}: in sync ${pairAfter_ms} ms after the heal, two masters ${Math.round(masters.twoMasters_ms)} ms`,
      );
      assert.ok(masters.twoMasters_ms < 3000, `${masters.twoMasters_ms} ms with two masters`);
      assert.equal(await historyOf(server12), history, "server12 was not promoted again");
      assert.equal(roleChanges([server11]), 0, "server11 was not promoted");
      assert.deepEqual(await lostForGood(await lab.lostWrites(report, server12), report, lab.servers), []);
    },
  );

  scenario(
    `a full copy of seconds after a short cut: the virtual IP stays with the master, profile ${profile}`,
    {
      profile,
      long: profile === "agent",
      redis: { conf: ["repl-backlog-size 16kb", "repl-diskless-sync-delay 0", "rdbcompression no"] },
      seconds: 120,
    },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      // Unlike DEBUG POPULATE this is replicated. In parts: Redis answers nobody meanwhile.
      const fill = "for i = 1, 100 do redis.call('SET', KEYS[1] .. i, string.rep('x', 10000)) end";
      for (let part = 0; part < 40; part++) await server11.redis("EVAL", fill, "1", `filler:${part}:`);
      await lab.until(() => isPair(server11, server12), 30, "the pair is in sync");
      const writing = await client.writeThroughVip();
      await writing.acknowledged(500);
      await server11.cutOff({ silently: true });
      await lab.until(() => serves(server12), 15, "server12 took over");
      await writing.acknowledged(writing.progress.acknowledged + 500);
      // More than the backlog holds.
      await server12.redis("SET", "more", "x".repeat(100_000));
      // 40 MB take 8 s.
      await server11.bandwidth(40);
      await server11.heal();
      let away_ms = 0;
      let last = performance.now();
      let copyBegan: number | undefined;
      const duringCopy = { samples: 0, away_ms: 0 };
      const copied = async () => {
        const [now, served, info] = [performance.now(), await serves(server12), await server11.info()];
        const sample_ms = now - last;
        last = now;
        if (!served) away_ms += sample_ms;
        if (info?.master_sync_in_progress === "1") copyBegan ??= now;
        // VRRP may settle in the first second after the heal.
        if (info?.master_sync_in_progress === "1" && now - (copyBegan ?? now) > 1000) {
          duringCopy.samples++;
          if (!served) duringCopy.away_ms += sample_ms;
        }
        return isPair(server12, server11);
      };
      await lab.until(copied, 60, "server12 serves and server11 follows");
      const report = await writing.stop();
      console.log(
        `  a full copy after a cut, profile ${profile}: server12 did not serve for ${Math.round(away_ms)} ms, ${Math.round(duringCopy.away_ms)} ms of them after the first second of the copy`,
      );
      assert.ok(duringCopy.samples > 0, "the copy takes seconds");
      const allowed_ms = profile === "hooks" ? 2000 : 0;
      assert.ok(duringCopy.away_ms <= allowed_ms, `${duringCopy.away_ms} ms of the copy without a master`);
      assert.deepEqual(await lostForGood(await lab.lostWrites(report, server12), report, lab.servers), []);
    },
  );
}

for (const profile of ["hooks", "agent"] as const)
  scenario(
    `the winner of a split was restarted, so that nobody can count its writes: it keeps the virtual IP by its own count, profile ${profile}`,
    { profile, seconds: 90, pause_ms: 0, redis: { conf: ["save 1 1"] }, long: profile === "agent" },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      const writing = await client.writeThroughVip();
      await writing.acknowledged(500);
      await server11.cutOff({ silently: true });
      await lab.until(() => serves(server12), 15, "server12 took over");
      await server12.stopRedis();
      await server12.startRedis();
      await lab.until(() => serves(server12), 15, "server12 serves again");
      const { acknowledged } = writing.progress;
      await writing.acknowledged(acknowledged + 10_000);
      const report = await writing.stop();
      await writeAlone(server11, 3000);
      // A snapshot has set the count of Redis back, and a health check has seen that.
      const saved = async () => (await server12.info())?.rdb_changes_since_last_save === "0";
      await lab.until(saved, 10, "server12 has taken a snapshot");
      await sleep(3000);
      await server11.heal();
      await lab.until(() => isPair(server12, server11), 20, "server12 serves, and server11 follows");
      const lost = await lab.lostWrites(report, server12);
      assert.deepEqual(await lostForGood(lost, report, lab.servers), []);
    },
  );

/** One by one: what a script writes counts as one write. */
async function writeAlone(server: Server, count: number): Promise<void> {
  const socket = server.redisSocket();
  try {
    for (let nth = 0; nth < count; nth++) await socket.ask(["SET", `alone:${nth}`, "1"]);
  } finally {
    socket.close();
  }
}
