import assert from "node:assert/strict";
import { redisProgram } from "../programs.ts";
import { dumpsOf, type Entry, inNoDump, lostForGood, quarantineFolder } from "./chaos/dumps.ts";
import type { WriteReport } from "./client/write-report.ts";
import type { Lab } from "./lab.ts";
import { sleep } from "./machine/process.ts";
import { isPair, serves } from "./roles.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** Both nodes are master and holder. The one that took the clients' writes stays master; the other one keeps a dump and follows. */

const dumps = (server: Server): string[] => dumpsOf([server]);

/** A write that was acknowledged just before the cut may not be replicated: then it must be in the dump of its server. */
async function assertNothingLost(lab: Lab, report: WriteReport, master: Server): Promise<void> {
  const missing = await lab.lostWrites(report, master);
  assert.deepEqual(await lostForGood(missing, report, lab.servers), []);
}

/** A program on an isolated master's host writes there: these writes are at stake. */
async function writeOn(server: Server): Promise<Entry[]> {
  const entries = Array.from({ length: 20 }, (_, index) => ({
    key: `isolated:${index}`,
    value: `${server.name} ${index}`,
  }));
  for (const { key, value } of entries) await server.redis("SET", key, value);
  return entries;
}

/** The one file that a server has kept has what only that server had. */
async function assertKept(server: Server, isolated: readonly Entry[]): Promise<void> {
  assert.equal(dumps(server).length, 1);
  assert.deepEqual(await inNoDump(isolated, dumps(server)), [], `not in what ${server.name} has kept`);
}

const waitForOneMaster = (lab: Lab, master: Server, replica: Server, seconds = 20): Promise<void> =>
  lab.until(
    () => isPair(master, replica),
    seconds,
    `${master.name} is the only master, with the VIP, ${replica.name} its replica`,
  );

const acceptsWrites = (server: Server): Promise<boolean> => {
  const write = server.redis("SET", "k", "v").then(
    () => true,
    () => false,
  );
  return Promise.race([write, sleep(100).then(() => false)]);
};

const promotions = ({ servers }: Lab): number =>
  servers.flatMap((server) => server.log()).filter(({ step }) => step === "promote").length;

async function waitForTwoMasters(lab: Lab): Promise<void> {
  const { server11, server12 } = lab;
  const split = async () =>
    server12.holdsVip() && (await server12.role()) === "master" && (await server11.role()) === "master";
  await lab.until(split, 20, "both are masters");
}

scenario(
  "the old master, with the higher priority, is cut off and comes back: the promoted node stays master",
  { seconds: 90 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    await server11.cutOff({ silently: true });
    await waitForTwoMasters(lab);
    const isolated = await writeOn(server11);
    await writing.acknowledged(writing.progress.acknowledged + 500);
    await sleep(3000);
    await server11.heal();
    await waitForOneMaster(lab, server12, server11);
    const report = await writing.stop();
    await assertNothingLost(lab, report, server12);
    await assertKept(server11, isolated);
    await server11.must(["sh", "-c", `${redisProgram("check-aof")} ${quarantineFolder}/*.aof`]);
  },
);

scenario(
  "the replica is cut off and promoted, while clients write to the old master: the old master stays",
  { seconds: 90 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    await server12.cutOff({ silently: true });
    await waitForTwoMasters(lab);
    const isolated = await writeOn(server12);
    await writing.acknowledged(writing.progress.acknowledged + 500);
    await sleep(3000);
    await server12.heal();
    await waitForOneMaster(lab, server11, server12);
    const report = await writing.stop();
    await assertNothingLost(lab, report, server11);
    await assertKept(server12, isolated);
  },
);

scenario(
  "Keepalived is killed on the old master during a split: after it the old master is fenced, and follows once Keepalived is back",
  { seconds: 90 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    await server11.cutFrom(server12);
    await server11.killKeepalived();
    await waitForTwoMasters(lab);
    const isolated = await writeOn(server11);
    // More than server11 took of them until they found server12: it is their writes that decide.
    await writing.acknowledged(writing.progress.acknowledged + 500);
    await sleep(3000);
    await server11.healFrom(server12);
    const fenced = async () => (await acceptsWrites(server12)) && !(await acceptsWrites(server11));
    await lab.until(fenced, 15, "server12 accepts writes, and server11 does not");
    await server11.startKeepalived();
    await waitForOneMaster(lab, server12, server11);
    const report = await writing.stop();
    await assertNothingLost(lab, report, server12);
    await assertKept(server11, isolated);
  },
);

/** In parts, since Redis answers nobody meanwhile. */
async function write(server: Server, count: number): Promise<void> {
  const part = 1000;
  const set = `for i = 1, ${part} do redis.call('SET', KEYS[1] .. i, i) end`;
  for (let nth = 0; nth < count / part; nth++) await server.redis("EVAL", set, "1", `${server.name}:${nth}:`);
}

for (const profile of ["hooks", "agent"] as const)
  scenario(
    `the loser of a split has the virtual IP, and 100,000 writes to keep: the winner serves meanwhile, profile ${profile}`,
    { profile, seconds: 120, redis: { conf: ["repl-backlog-size 64mb", "repl-diskless-sync-delay 0"] } },
    async (lab) => {
      const { server11, server12 } = lab;
      await lab.bringUp();
      await server11.cutFrom(server12);
      await waitForTwoMasters(lab);
      await write(server11, 100_000);
      await write(server12, 150_000);
      assert.ok(server11.holdsVip());
      await server11.healFrom(server12);
      const healed = performance.now();
      const alone = async () => !server11.holdsVip() && (await serves(server12)) && (await acceptsWrites(server12));
      await lab.until(alone, 60, "server12 alone has the virtual IP, and takes writes");
      console.log(
        `  the winner serves ${Math.round(performance.now() - healed)} ms after the heal, profile ${profile}`,
      );
      const kept = server11.log().filter(({ step, event }) => step === "quarantine" && event === "step-done");
      assert.deepEqual(kept, [], "it serves before the loser has kept its writes");
      await waitForOneMaster(lab, server12, server11, 60);
      assert.equal(dumps(server11).length, 1);
      assert.equal(await server12.redis("DBSIZE"), 150_001);
    },
  );

scenario(
  "with witnesses, a node that reaches neither a peer nor a witness accepts no writes and promotes nothing",
  {
    seconds: 90,
    cluster: { failover: { witnesses: ["192.0.2.100:9"] } },
  },
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server11.cutOff({ silently: true });
    const fenced = async () => !server11.holdsVip() && !(await acceptsWrites(server11));
    await lab.until(fenced, 20, "server11 accepts no writes");
    // server12 still reaches the witness.
    await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 20, "server12 serves");
    // Neither has accepted a write since then, so either may become the master.
    const either = async () => (await isPair(server11, server12)) || (await isPair(server12, server11));
    const watch = lab.watchMasters();
    await server11.heal();
    await lab.until(either, 20, "one is the master with the VIP, the other one its replica");
    assert.equal((await watch.stop()).twoMasters_ms, 0, "the isolated node comes back fenced");
    const before = promotions(lab);
    for (const server of [server11, server12]) await server.cutOff({ silently: true });
    await lab.until(() => !server11.holdsVip() && !server12.holdsVip(), 20, "both are isolated, and give up the VIP");
    // Longer than a node without a witness waits before it promotes.
    await sleep(5000);
    assert.equal(promotions(lab), before, "an isolated node was promoted");
    for (const server of [server11, server12]) await server.heal();
    await lab.until(either, 20, "one is the master with the VIP, the other one its replica, again");
  },
);
