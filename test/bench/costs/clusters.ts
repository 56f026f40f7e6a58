import { type Lab, startLab } from "../../lab/lab.ts";
import { sleep } from "../../lab/machine/process.ts";
import { startClusters } from "../../lab/many-clusters.ts";
import type { Row } from "../results.ts";
import { pidsOf } from "./idle.ts";
import { costOver, settling_s, wholeCpu } from "./process-cost.ts";

/** What a host costs that has many clusters, each with a Redis and a virtual IP of its own: agent, Keepalived and its checks. */

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
  await startClusters(lab, count);
  await sleep(settling_s * 1000);
  const costOf = (name: string) => costOver(seconds, pidsOf(lab.server11, name));
  const [agent, keepalived] = await Promise.all([costOf("keepalived-redi"), costOf("keepalived")]);
  return {
    clusters: count,
    "agent: CPU % of a core": agent.cpu.toFixed(2),
    "Keepalived itself": keepalived.cpu.toFixed(2),
    "its checks": keepalived.childrenCpu.toFixed(2),
    "all of it": (wholeCpu(agent) + wholeCpu(keepalived)).toFixed(2),
    "agent: RSS MB": agent.rss_MB.toFixed(0),
  };
}
