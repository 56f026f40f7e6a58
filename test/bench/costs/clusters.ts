import { type Lab, startLab } from "../../lab/lab.ts";
import { sleep } from "../../lab/machine/process.ts";
import { startClusters } from "../../lab/many-clusters.ts";
import type { Row } from "../results.ts";
import { pidsOf } from "./idle.ts";
import { costOver, settling_s } from "./process-cost.ts";

/** What one agent costs that looks after many clusters, each with a Redis and a virtual IP of its own. */

export async function clusters(counts: readonly number[], seconds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of counts) {
    const lab = await startLab({ profile: "agent" });
    try {
      rows.push(await measure(lab, count, seconds));
    } finally {
      await lab.stop();
    }
  }
  return rows;
}

async function measure(lab: Lab, count: number, seconds: number): Promise<Row> {
  // The checks are the net below the agent, and are measured for themselves; fifty of them a second are more than a
  // machine of two cores can do for two hosts.
  const edited = (conf: string) => conf.replaceAll(/^( +(?:interval|timeout)) \d+$/gm, "$1 60");
  await startClusters(lab, { count, edited });
  await sleep(settling_s * 1000);
  const { cpu, rss_MB } = await costOver(seconds, pidsOf(lab.server11, "keepalived-redi"));
  return { clusters: count, "agent: CPU % of a core": cpu.toFixed(2), "RSS MB": rss_MB.toFixed(0) };
}
