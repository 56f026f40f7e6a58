import assert from "node:assert/strict";
import type { Lab } from "./lab.ts";
import { monotonic_ms, sleep } from "./machine/process.ts";
import { scenario } from "./scenario.ts";
import { binFolder, type Server } from "./server/server.ts";

/** The check of Keepalived beside an agent: bin/check-health.sh starts the monitor only if the heartbeat is stale. */

const agent = { profile: "agent" } as const;
const monitor = `${binFolder}/monitor`;
const starts = "/tmp/monitor-starts";

/** Makes each start of the monitor write a line to a file. */
async function countStarts(server: Server): Promise<void> {
  await server.must(["mv", monitor, `${monitor}.real`]);
  const count = `require("node:fs").appendFileSync("${starts}", "\\n")`;
  server.disk.write(monitor, `${count}; require("${monitor}.real")\n`, 0o755);
}

async function countOfStarts(server: Server): Promise<number> {
  return Number((await server.exec(["sh", "-c", `cat ${starts} | wc -l`])).stdout);
}

const assertNeverMoved = ({ server11, server12 }: Lab) => {
  assert.ok(server11.holdsVip() && !/Entering MASTER STATE/.test(server12.keepalivedLog()), server12.keepalivedLog());
  for (const server of [server11, server12]) assert.doesNotMatch(server.keepalivedLog(), /FAULT STATE|timed_out/);
};

scenario("the monitor is started only while the agent is killed or hangs", agent, async (lab) => {
  const { server11 } = lab;
  await lab.bringUp();
  await countStarts(server11);
  await sleep(5000);
  assert.equal(await countOfStarts(server11), 0, "the agent runs");

  const startedWithin = (seconds: number, before: number, when: string) =>
    lab.until(async () => (await countOfStarts(server11)) > before, seconds, `the monitor is started: ${when}`);
  await server11.killAgent();
  // The interval of the check, and a second for a busy machine.
  await startedWithin(3, 0, "killed");
  await startedWithin(3, await countOfStarts(server11), "and again");
  await server11.startAgent();
  await sleep(2500);
  const before = await countOfStarts(server11);
  await sleep(5000);
  assert.equal(await countOfStarts(server11), before, "a new agent runs");

  await server11.hangAgent();
  await startedWithin(4.5, before, "hung for 1.5 s");
  await server11.resumeAgent();
  await sleep(2500);
  const resumed = await countOfStarts(server11);
  await sleep(5000);
  assert.equal(await countOfStarts(server11), resumed, "the agent is resumed");
  assertNeverMoved(lab);
});

scenario(
  "with dead agents one failed check makes a node unfit, and one passed check makes it fit",
  agent,
  async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await Promise.all([server11.killAgent(), server12.killAgent()]);
    await sleep(2000);
    assertNeverMoved(lab);
    const killed = monotonic_ms();
    await server11.killRedis();
    // Twice the interval of the hooks profile, the two requests of a check, and a second for a busy machine.
    await lab.until(() => server11.vrrpState() === "FAULT", 2 + 0.7 + 1, "server11 is in FAULT");
    console.log(`with dead agents: FAULT ${(monotonic_ms() - killed).toFixed(0)} ms after the crash`);
    await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 15, "server12 took over");
    await server11.startRedis();
    await lab.until(() => server11.vrrpState() === "BACKUP", 15, "server11 is in BACKUP");
    await lab.until(() => server11.inSync(), 15, "server11 is a replica");
  },
);

const losses: [string, string[]][] = [
  ["check-health is deleted", ["rm", `${binFolder}/check-health`]],
  ["the monitor is deleted, and the agent is dead", ["rm", monitor]],
];
for (const [what, command] of losses) {
  scenario(`${what}: the node goes to FAULT and its peer takes over`, agent, async (lab) => {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server11.must(command);
    if (command.includes(monitor)) await server11.killAgent();
    await lab.until(() => server11.vrrpState() === "FAULT", 20, "server11 is in FAULT");
    await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 20, "server12 took over");
  });
}
