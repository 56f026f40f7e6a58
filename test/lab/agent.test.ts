import assert from "node:assert/strict";
import { scenario } from "./scenario.ts";

const agent = { profile: "agent" } as const;

scenario(
  "with an agent on each node a crash of Redis moves address and role, and costs milliseconds",
  agent,
  async (lab) => {
    const { server11, server12, client } = lab;
    await lab.bringUp();
    const watch = lab.watchMasters();
    const writing = await client.writeThroughVip();
    await writing.acknowledged(500);
    const before = writing.progress.acknowledged;
    await server11.killRedis();
    await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 5, "server12 took over");
    await writing.acknowledged(before + 500, 10);
    const [report, masters] = [await writing.stop(), await watch.stop()];
    console.log(`gap ${report.longestGap.ms.toFixed(0)} ms`);
    assert.equal(masters.twoMasters_ms, 0);
    assert.ok(report.longestGap.ms < 1500, `${report.longestGap.ms} ms without a write`);
  },
);
