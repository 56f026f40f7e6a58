import { startLab } from "../../lab/lab.ts";
import type { Host } from "../../lab/machine/host.ts";
import { sleep } from "../../lab/machine/process.ts";
import { processesOf } from "../../lab/machine/processes.ts";
import { agent, hooks } from "../contenders/ours.ts";
import { sentinels } from "../contenders/sentinel.ts";
import type { Row } from "../results.ts";
import { type Cost, costOver, settling_s } from "./process-cost.ts";

export const pidsOf = (host: Host, name: string): number[] =>
  host.firstProcess === undefined
    ? []
    : processesOf(host.firstProcess)
        .filter((one) => one.name === name)
        .map(({ pid }) => pid);

/** What runs on the master's host besides Redis, while nothing happens and nobody writes. */
export async function idle(seconds: number): Promise<Row[]> {
  const rows: Row[] = [];
  const [sentinel] = sentinels;
  for (const contender of [hooks, agent, ...(sentinel ? [sentinel] : [])]) {
    const lab = await startLab(contender.lab);
    try {
      await contender.bringUp(lab);
      await sleep(settling_s * 1000);
      const keepalived = pidsOf(lab.server11, "keepalived");
      const agents = pidsOf(lab.server11, "keepalived-redi");
      // Sentinel is redis-server by another name; the client's host has no other.
      const others = contender === sentinel ? pidsOf(lab.client, "redis-server") : [];
      const measure = async (what: string, pids: number[], cpuOf: (cost: Cost) => number) => {
        if (pids.length === 0) return undefined;
        const cost = await costOver(seconds, pids);
        return {
          "": `${contender.name}: ${what}`,
          "CPU % of a core": cpuOf(cost).toFixed(2),
          "RSS MB": cost.rss_MB.toFixed(0),
        };
      };
      const measured = await Promise.all([
        measure("agent", agents, ({ cpu }) => cpu),
        measure("Keepalived itself", keepalived, ({ cpu }) => cpu),
        measure("the checks that Keepalived starts (RSS: Keepalived's)", keepalived, ({ childrenCpu }) => childrenCpu),
        measure("one Sentinel", others, ({ cpu }) => cpu),
      ]);
      rows.push(...measured.filter((row) => row !== undefined));
    } finally {
      await lab.stop();
    }
  }
  return rows;
}
