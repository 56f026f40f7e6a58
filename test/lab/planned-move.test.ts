import assert from "node:assert/strict";
import type { Lab } from "./lab.ts";
import { scenario } from "./scenario.ts";
import type { Server } from "./server/server.ts";

/** The VIP moves while both nodes are healthy: no acknowledged write may be lost. */

const drainMark = "/run/keepalived-redis/sessions/drain";
const drain = (server: Server) =>
  server.must(["sh", "-c", `echo 1 >${drainMark}.new && mv ${drainMark}.new ${drainMark}`]);
const undrain = (server: Server) => server.must(["rm", "-f", drainMark]);

async function waitForMove(lab: Lab, from: Server, to: Server): Promise<void> {
  const there = async () => to.holdsVip() && (await to.role()) === "master" && (await from.inSync());
  await lab.until(there, 15, `${to.name} is master with the VIP, ${from.name} its replica`);
}

scenario(
  "a drained master hands over, five times in each direction, and no acknowledged write is lost",
  { seconds: 120, pause_ms: 0 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const watch = lab.watchMasters();
    const writing = await client.writeThroughVip({ connections: 4 });
    for (let round = 0; round < 5; round++) {
      for (const [from, to] of [[server11, server12] as const, [server12, server11] as const]) {
        const before = writing.progress.acknowledged;
        await drain(from);
        await waitForMove(lab, from, to);
        await undrain(from);
        await lab.until(() => from.vrrpState() === "BACKUP", 20, `${from.name} is in BACKUP again`);
        await writing.acknowledged(before + 500);
      }
    }
    const [report, masters] = [await writing.stop(), await watch.stop()];
    const lost = await lab.lostWrites(report, server11);
    console.log(
      `  10 planned moves: ${lost.length} of ${report.acknowledged} acknowledged writes lost, longest gap ${Math.round(report.longestGap.ms)} ms`,
    );
    assert.deepEqual(lost, []);
    // Only a time in which both certainly were writable masters is counted.
    assert.equal(masters.twoMasters_ms, 0);
  },
);

scenario(
  "Keepalived is stopped on the master, as for an update: no acknowledged write is lost",
  { pause_ms: 0 },
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const writing = await client.writeThroughVip({ connections: 4 });
    await writing.acknowledged(2000);
    await server11.stopKeepalived();
    await waitForMove(lab, server11, server12);
    await writing.acknowledged(writing.progress.acknowledged + 1000);
    const report = await writing.stop();
    assert.deepEqual(await lab.lostWrites(report, server12), []);
  },
);
