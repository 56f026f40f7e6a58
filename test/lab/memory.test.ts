import assert from "node:assert/strict";
import { sleep } from "./machine/process.ts";
import { isPair, roleChanges } from "./roles.ts";
import { scenario } from "./scenario.ts";

/** A master that is full stays master: its replica has as many keys. */

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `a master that has reached maxmemory refuses writes and stays master, profile ${profile}`,
    { profile },
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
}
