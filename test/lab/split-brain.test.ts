import assert from "node:assert/strict";
import { dumpsOf, lostForGood, quarantineFolder } from "./chaos/dumps.ts";
import type { WriteReport } from "./client/write-report.ts";
import type { Lab } from "./lab.ts";
import { sleep } from "./machine/process.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** Both nodes were masters of their own virtual IP. Whoever took the clients' writes stays; the other one keeps a dump. */

const dumps = (server: Server): string[] => dumpsOf([server]);

/** What was acknowledged just before the cut may have reached nobody else: then it is in the dump of who took it. */
async function nothingGone(lab: Lab, report: WriteReport, master: Server): Promise<void> {
  const missing = await lab.lostWrites(report, master);
  assert.deepEqual(await lostForGood(missing, report, lab.servers), []);
}

const serves = async (master: Server, replica: Server): Promise<boolean> =>
  master.holdsVip() && !replica.holdsVip() && (await master.role()) === "master" && (await replica.inSync());

const oneMaster = (lab: Lab, master: Server, replica: Server): Promise<void> =>
  lab.until(
    () => serves(master, replica),
    20,
    `${master.name} is the one master with the VIP, ${replica.name} its replica`,
  );

const takesWrites = (server: Server): Promise<boolean> => {
  const write = server.redis("SET", "k", "v").then(
    () => true,
    () => false,
  );
  return Promise.race([write, sleep(100).then(() => false)]);
};

async function twoHolders(lab: Lab): Promise<void> {
  const { server11, server12 } = lab;
  const split = async () =>
    server12.holdsVip() && (await server12.role()) === "master" && (await server11.role()) === "master";
  await lab.until(split, 10, "both are masters");
}

scenario(
  "the old master is cut off with its higher priority, and comes back: the promoted one stays",
  { seconds: 90 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(2000);
    await server11.cutOff({ silently: true });
    await twoHolders(lab);
    // A program on the old master's own host goes on writing there: these are the writes at stake.
    for (let i = 0; i < 20; i++) await server11.redis("SET", `isolated:${i}`, "x");
    await writing.acknowledged(writing.progress.acknowledged + 5000);
    await sleep(3000);
    await server11.heal();
    await oneMaster(lab, server12, server11);
    const report = await writing.stop();
    await nothingGone(lab, report, server12);
    assert.equal(dumps(server11).length, 1);
    await server11.must(["sh", "-c", `redis-check-rdb ${quarantineFolder}/*.rdb`]);
  },
);

scenario(
  "the replica was cut off and promoted itself, while clients wrote on: the old master stays",
  { seconds: 90 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(2000);
    await server12.cutOff({ silently: true });
    await twoHolders(lab);
    await server12.redis("SET", "isolated:1", "x");
    await writing.acknowledged(writing.progress.acknowledged + 5000);
    await sleep(3000);
    await server12.heal();
    await oneMaster(lab, server11, server12);
    const report = await writing.stop();
    await nothingGone(lab, report, server11);
    assert.equal(dumps(server12).length, 1);
  },
);

scenario(
  "Keepalived was killed on the old master amid a split: once they meet it takes no more writes, and follows when Keepalived is back",
  { seconds: 90 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(2000);
    await server11.cutFrom(server12);
    await server11.killKeepalived();
    await twoHolders(lab);
    await server11.redis("SET", "isolated:1", "x");
    await server11.healFrom(server12);
    const held = async () => (await takesWrites(server12)) && !(await takesWrites(server11));
    await lab.until(held, 15, "server12 takes writes, server11 none");
    await server11.startKeepalived();
    await oneMaster(lab, server12, server11);
    const report = await writing.stop();
    await nothingGone(lab, report, server12);
    assert.equal(dumps(server11).length, 1);
  },
);

scenario(
  "with witnesses, a node that reaches neither a peer nor a witness takes no writes and promotes nothing",
  {
    seconds: 90,
    cluster: { failover: { witnesses: ["192.0.2.100:9"] } },
  },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server11.cutOff({ silently: true });
    const held = async () => !server11.holdsVip() && !(await takesWrites(server11));
    await lab.until(held, 10, "server11 takes no writes");
    // server12 still reaches the witness, and serves.
    await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 10, "server12 serves");
    // Neither took a write since: either may be the master now.
    const either = async () => (await serves(server11, server12)) || (await serves(server12, server11));
    const watch = lab.watchMasters();
    await server11.heal();
    await lab.until(either, 20, "one is the master with the VIP, the other one its replica");
    assert.equal((await watch.stop()).twoMasters_ms, 0, "a node that was alone comes back fenced");
    for (const server of [server11, server12]) await server.cutOff({ silently: true });
    await lab.until(() => !server11.holdsVip() && !server12.holdsVip(), 10, "both are alone, and give the VIP up");
    for (const server of [server11, server12]) await server.heal();
    await lab.until(either, 20, "one is the master with the VIP, the other one its replica, again");
  },
);
