import { startLab } from "../../lab/lab.ts";
import type { Host } from "../../lab/machine/host.ts";
import { processesOf } from "../../lab/machine/host-processes.ts";
import { sleep } from "../../lab/machine/process.ts";
import { agent, hooks } from "../contenders/ours.ts";
import { sentinels } from "../contenders/sentinel.ts";
import type { Row } from "../results.ts";
import { costOver, settling_s, wholeCpu } from "./process-cost.ts";

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
      const measure = async (pids: number[]) => (pids.length === 0 ? undefined : costOver(seconds, pids));
      const [its, vrrp, other] = await Promise.all([agents, keepalived, others].map(measure));
      const add = (what: string, cpu: number, rss_MB: number) =>
        rows.push({
          "": `${contender.name}: ${what}`,
          "CPU % of a core": cpu.toFixed(2),
          "RSS MB": rss_MB.toFixed(0),
        });
      if (its) add("agent", its.cpu, its.rss_MB);
      if (vrrp) {
        add("Keepalived itself", vrrp.cpu, vrrp.rss_MB);
        add("the checks that Keepalived starts (RSS: Keepalived's)", vrrp.childrenCpu, vrrp.rss_MB);
        add("all of it", wholeCpu(vrrp) + (its ? wholeCpu(its) : 0), vrrp.rss_MB + (its?.rss_MB ?? 0));
      }
      if (other) add("one Sentinel", other.cpu, other.rss_MB);
    } finally {
      await lab.stop();
    }
  }
  return rows;
}
