import assert from "node:assert/strict";
import type { Lab } from "./lab.ts";
import { sleep } from "./machine/process.ts";
import { serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import { binFolder, type Server } from "./server/server.ts";
import { startHost } from "./start-host.ts";

/** A data set that is known to be older than what was served is not served without a person's word. */

const promotions = (server: Server) =>
  server.log().filter(({ step, event }) => step === "promote" && event === "step-done");

/** Takes a snapshot, and waits until it is written. */
async function snapshot(lab: Lab, server: Server): Promise<void> {
  const before = (await server.info())?.rdb_last_save_time;
  await sleep(1100);
  await server.redis("BGSAVE");
  const saved = async () => {
    const info = await server.info();
    return info?.rdb_bgsave_in_progress === "0" && info.rdb_last_save_time !== before;
  };
  await lab.until(saved, 20, `${server.name} has written its snapshot`);
}

const cluster = { failover: { max_missing_seconds: 2 } };

for (const profile of ["hooks", "agent"] as const) {
  scenario(
    `a master that loses its last replica takes snapshots again, profile ${profile}`,
    { profile, cluster: { redis: { persistence: "replica" } } },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      await server11.must([`${binFolder}/notify-master`, "--repair"]);
      await server11.redis("CONFIG", "SET", "save", "");
      await server11.redis("SET", "recent", "1");
      const before = (await server11.info())?.rdb_last_save_time;
      await sleep(1100);
      await server12.powerOff();
      const saves = async () => {
        const [, save] = (await server11.redis("CONFIG", "GET", "save")) as [string, string];
        const info = await server11.info();
        return save !== "" && info?.rdb_bgsave_in_progress === "0" && info.rdb_last_save_time !== before;
      };
      await lab.until(saves, 15, "server11 has taken a snapshot, and takes more");
    },
  );

  scenario(
    `a master that restarts from an old snapshot is not promoted, and the newer data of its replica win, profile ${profile}`,
    { profile, cluster, seconds: 90, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      await server11.redis("SET", "older", "in both snapshots");
      await snapshot(lab, server11);
      const writing = await client.writeThroughVip();
      await sleep(6000);
      await server11.redis("SET", "newer", "than the snapshot of server11");
      await writing.stop();
      await snapshot(lab, server12);
      // The master's PINGs go on. They are no data, so the snapshot of server12 stays current.
      await sleep(6000);
      await server12.powerOff();
      await server11.killRedis();
      await server11.startRedis();
      await lab.until(
        () => server11.log().some(({ event, cause }) => event === "verdict" && cause === "behind"),
        15,
        "server11 is unfit, since its data are old",
      );
      await sleep(2000);
      assert.equal(await server11.role(), "replica");
      assert.equal(promotions(server11).length, 0);
      const refused = await server11.run(["notify-master", "--dry-run"]);
      assert.match(refused.stdout + refused.stderr, /bytes of what server11 served are missing here/);

      await startHost(server12, profile);
      await lab.until(async () => (await serves(server12)) || (await serves(server11)), 20, "a node serves");
      const master = server12.holdsVip() ? server12 : server11;
      assert.equal(await master.redis("GET", "newer"), "than the snapshot of server11");
    },
  );

  scenario(
    `a replica that is known to be behind is not promoted, unless a person says so, profile ${profile}`,
    { profile, cluster, seconds: 60, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      const writing = await client.writeThroughVip();
      await writing.acknowledged(500);
      await server12.redis("CONFIG", "SET", "masterauth", "wrong");
      await server11.redis("CLIENT", "KILL", "TYPE", "replica");
      await sleep(7000);
      await writing.stop();
      await server11.killRedis();
      await lab.until(
        () => server12.log().some(({ event, cause }) => event === "verdict" && cause === "behind"),
        15,
        "server12 is unfit, since its data are old",
      );
      await sleep(3000);
      assert.equal(promotions(server12).length, 0);
      assert.ok(!server12.holdsVip());
      const forced = await server12.run(["notify-master", "--allow-data-loss"]);
      assert.equal(forced.code, 0, forced.stderr);
      await lab.until(() => serves(server12), 15, "server12 serves what it has");
    },
  );

  scenario(
    `both nodes are stopped, and the one that stopped first starts first: it waits for the other one, profile ${profile}`,
    { profile, seconds: 90, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12, client } = lab;
      await lab.bringUp();
      await server11.redis("SET", "older", "on both");
      // A health check of server12 must see what is served.
      await sleep(3000);
      await server12.redis("SAVE");
      await server12.stopKeepalived();
      await server12.powerOff();
      const writing = await client.writeThroughVip();
      await sleep(2000);
      await server11.redis("SET", "newer", "than all that server12 has");
      await writing.stop();
      await server11.redis("SAVE");
      await server11.stopKeepalived();
      await server11.powerOff();

      await startHost(server12, profile);
      await lab.until(
        () => server12.log().some(({ event, cause }) => event === "verdict" && cause === "behind"),
        20,
        "server12 is unfit, since server11 may have served",
      );
      await sleep(3000);
      assert.equal(promotions(server12).length, 0);
      assert.ok(!server12.holdsVip());
      await startHost(server11, profile);
      // The one with the virtual IP, after it has copied what server11 has.
      await lab.until(async () => (await serves(server11)) || (await serves(server12)), 30, "a node serves");
      const [master, other] = server11.holdsVip() ? [server11, server12] : [server12, server11];
      assert.equal(await master.redis("GET", "newer"), "than all that server12 has");
      await lab.until(() => other.inSync(), 20, `${other.name} is in sync`);
    },
  );

  scenario(
    `both servers are killed and start again from snapshots, after which there were no writes: they serve, profile ${profile}`,
    { profile, cluster, redis: { conf: ["repl-ping-replica-period 1"] }, seconds: 60, long: profile === "hooks" },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      await server11.redis("SET", "key", "value");
      // A health check must see the write.
      await sleep(2000);
      for (const server of lab.servers) await snapshot(lab, server);
      // The master's PINGs go on for longer than `max_missing_seconds`. They are in no snapshot.
      await sleep(7000);
      for (const server of lab.servers) await server.killRedis();
      for (const server of lab.servers) await server.startRedis();
      await lab.until(async () => (await serves(server11)) || (await serves(server12)), 20, "a node serves");
      const [master, replica] = server11.holdsVip() ? [server11, server12] : [server12, server11];
      assert.equal(await master.redis("GET", "key"), "value");
      await lab.until(() => replica.inSync(), 20, `${replica.name} is in sync`);
    },
  );
}

scenario(
  "a master that was alone for longer than repl-backlog-ttl is restarted: its data win, and not those of an older peer",
  { redis: { conf: ["repl-backlog-ttl 1"] }, seconds: 90 },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server11.redis("SAVE");
    await server11.killRedis();
    await lab.until(() => serves(server12), 15, "server12 took over");
    await server12.redis("SET", "newer", "than the snapshot of server11");
    // Redis looks once a second.
    await sleep(4000);
    assert.equal((await server12.info())?.repl_backlog_active, "1", "the promotion has it keep its backlog");
    await server12.redis("SET", "newest", "1");
    await server12.redis("SAVE");
    await server12.killRedis();
    await server11.startRedis();
    await server12.startRedis();
    await lab.until(async () => (await serves(server11)) || (await serves(server12)), 30, "a node serves");
    const master = server11.holdsVip() ? server11 : server12;
    assert.deepEqual(await master.redis("MGET", "newer", "newest"), ["than the snapshot of server11", "1"]);
  },
);
