import assert from "node:assert/strict";
import type { Lab } from "./lab.ts";
import { sleep } from "./machine/process.ts";
import { isPair, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import { binFolder, type Server } from "./server/server.ts";
import { startHost } from "./start-host.ts";

/** What is served after the last node of a cluster, or all of its nodes, have been killed. */

const servedBy = async (lab: Lab): Promise<[Server, Server]> => {
  const { server11, server12 } = lab;
  await lab.until(async () => (await serves(server11)) || (await serves(server12)), 30, "a node serves");
  return server11.holdsVip() ? [server11, server12] : [server12, server11];
};

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `with persistence = "replica" the last node is killed: it serves what was written, and not its old snapshot, profile ${profile}`,
    { profile, cluster: { redis: { persistence: "replica" } }, seconds: 90, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      // What a replica has saved once, long ago.
      await server11.redis("SET", "old", "in the old snapshot");
      await server11.redis("SAVE");
      await server11.must([`${binFolder}/notify-master`, "--repair"]);
      assert.deepEqual(await server11.redis("CONFIG", "GET", "save"), ["save", ""], "snapshots are the replica's");
      const writing = await client.writeThroughVip();
      await writing.acknowledged(1000);
      const report = await writing.stop();
      const before = (await server11.info())?.rdb_last_save_time;
      await sleep(1100);
      await server12.powerOff();
      const saved = async () => {
        const info = await server11.info();
        return info?.rdb_bgsave_in_progress === "0" && info.rdb_last_save_time !== before;
      };
      await lab.until(saved, 20, "server11 has taken a snapshot, since its replica is gone");
      await server11.killRedis();
      await server11.startRedis();
      await lab.until(() => serves(server11), 20, "server11 serves again");
      assert.deepEqual(await lab.lostWrites(report, server11), []);
      await startHost(server12, profile);
      await lab.until(() => isPair(server11, server12), 30, "server12 follows");
      assert.deepEqual(await lab.lostWrites(report, server12), []);
    },
  );

  scenario(
    `all nodes lose their power and start from append-only files: nobody serves before a person says which, profile ${profile}`,
    { profile, redis: { conf: ["appendonly yes", "appendfsync always"] }, seconds: 120, long: profile === "agent" },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      const writing = await client.writeThroughVip();
      await writing.acknowledged(500);
      const report = await writing.stop();
      await Promise.all([server11.powerOff(), server12.powerOff()]);
      await Promise.all([startHost(server11, profile), startHost(server12, profile)]);
      const unfit = (server: Server) =>
        server.log().some(({ event, cause }) => event === "verdict" && cause === "incomplete");
      await lab.until(() => lab.servers.every(unfit), 30, "an append-only file tells of no history, so nobody is fit");
      const { stdout, stderr } = await server11.run(["notify-master", "--dry-run"]);
      assert.match(stdout + stderr, /incomplete or unknown copy.*\n.*init --adopt.*notify-master --allow-data-loss/);
      const forced = await server11.run(["notify-master", "--allow-data-loss"]);
      assert.equal(forced.code, 0, forced.stderr);
      const [master, replica] = await servedBy(lab);
      assert.deepEqual(await lab.lostWrites(report, master), []);
      await lab.until(() => isPair(master, replica), 30, `${replica.name} follows`);
      assert.deepEqual(await lab.lostWrites(report, replica), []);
    },
  );
}
