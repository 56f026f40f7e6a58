import assert from "node:assert/strict";
import { sleep } from "./machine/process.ts";
import { isPair, roleChanges } from "./roles.ts";
import { scenario } from "./scenario.ts";

/** A master that is full stays master: its replica has as many keys. So does one that frees much at once. */

const fill = `
  for i = 1, tonumber(ARGV[1]) do redis.call("HSET", KEYS[1], ARGV[2] .. ":" .. i, string.rep("x", 60)) end`;

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `a master that has reached maxmemory refuses writes and stays master, profile ${profile}`,
    { profile, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      await server11.redis("SET", "large", "x".repeat(5_000_000));
      await lab.until(async () => (await server12.redis("STRLEN", "large")) === 5_000_000, 15, "it is on both");
      const before = roleChanges(lab.servers);
      for (const server of lab.servers) {
        await server.redis("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await server.redis("CONFIG", "SET", "maxmemory", "4mb");
      }
      const logs = lab.servers.map((server) => server.keepalivedLog().length);
      await assert.rejects(server11.redis("SET", "more", "x"), /OOM/);
      await sleep(10_000);
      await assert.rejects(server11.redis("SET", "more", "x"), /OOM/);
      for (const [index, server] of lab.servers.entries())
        assert.doesNotMatch(server.keepalivedLog().slice(logs[index]), /Entering \w+ STATE/, server.name);
      assert.equal(roleChanges(lab.servers), before);
      assert.ok(await isPair(server11, server12));
      const verdict = server11.log().findLast(({ event }) => event === "verdict");
      assert.deepEqual([verdict?.healthy, verdict?.cause], [true, "master"]);
    },
  );

  for (const lazy of ["yes", "no"] as const)
    scenario(
      // Long: beside four other labs the filling itself is taken for a hang.
      `DEL of 200 MB, lazyfree-lazy-user-del ${lazy}, profile ${profile}`,
      {
        profile,
        redis: { conf: [`lazyfree-lazy-user-del ${lazy}`] },
        seconds: 120,
        long: true,
      },
      async (lab) => {
        const { server11, server12, client } = lab;
        await lab.bringUp();
        // In parts that no check takes for a hang.
        for (let part = 0; part < 500; part++) await server11.redis("EVAL", fill, "1", "large", "4000", String(part));
        await lab.until(async () => (await server12.redis("HLEN", "large")) === 2_000_000, 30, "it is on both");
        const before = roleChanges(lab.servers);
        const watch = lab.watchMasters();
        const writing = await client.writeThroughVip();
        await writing.acknowledged(500);
        await server11.redis("DEL", "large").catch(() => undefined);
        await lab.until(
          async () => (await isPair(server11, server12)) || (await isPair(server12, server11)),
          30,
          "one serves, and the other one follows",
        );
        await writing.acknowledged(writing.progress.acknowledged + 500);
        const [report, masters] = [await writing.stop(), await watch.stop()];
        console.log(
          `  DEL of 200 MB, lazy ${lazy}, ${profile}: ${roleChanges(lab.servers) - before} moves, longest gap ${Math.round(report.longestGap.ms)} ms`,
        );
        if (lazy === "yes") assert.equal(roleChanges(lab.servers), before, "the master deletes in the background");
        // As after any hang: Redis reads the commands to park as soon as it goes on, but others may come in before.
        assert.ok(masters.twoMasters_ms < 300, `two masters for ${masters.twoMasters_ms} ms`);
        const master = server11.holdsVip() ? server11 : server12;
        assert.deepEqual(await lab.lostWrites(report, master), []);
      },
    );
}
