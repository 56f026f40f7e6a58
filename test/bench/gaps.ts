import type { Lab, LabOptions } from "../lab/lab.ts";
import { startLab } from "../lab/lab.ts";
import { monotonic_ms, sleep } from "../lab/machine/process.ts";

/** What one kind of failure costs the clients, run by run on a lab of its own. */

export interface Failure {
  name: string;
  strike(lab: Lab): Promise<void>;
}

export interface Run {
  /** From the strike to the next acknowledged write that reached the new master. */
  gap_ms: number;
  /** The longest time between two acknowledged writes. */
  longest_ms: number;
  acknowledged: number;
  lost: number;
  twoMasters_ms: number;
}

const drainMark = "/run/keepalived-redis/sessions/drain";

export const failures: Failure[] = [
  { name: "crash", strike: ({ server11 }) => server11.killRedis() },
  { name: "hang", strike: ({ server11 }) => server11.hangRedis() },
  { name: "host cut off", strike: ({ server11 }) => server11.cutOff({ silently: true }) },
  {
    name: "planned move",
    strike: async ({ server11 }) => {
      await server11.must(["sh", "-c", `echo 1 >${drainMark}.new && mv ${drainMark}.new ${drainMark}`]);
    },
  },
];

export async function measure({ strike }: Failure, options: LabOptions): Promise<Run> {
  const lab = await startLab(options);
  try {
    const { server12, client } = lab;
    await lab.bringUp();
    const watch = lab.watchMasters(10);
    const writing = await client.writeThroughVip();
    // Checks run once a second: without this every strike would meet the same moment between two of them.
    await sleep(500 + Math.random() * 1000);
    const before = writing.progress.acknowledged;
    const struck = monotonic_ms();
    await strike(lab);
    await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 15, "server12 took over");
    await writing.acknowledged(before + 500, 15);
    await sleep(200);
    const [report, masters] = [await writing.stop(), await watch.stop()];
    const { ms: longest_ms, end_ms } = report.longestGap;
    const lost = await lab.lostWrites(report, server12);
    const { acknowledged } = report;
    return {
      gap_ms: end_ms - struck,
      longest_ms,
      acknowledged,
      lost: lost.length,
      twoMasters_ms: masters.twoMasters_ms,
    };
  } finally {
    await lab.stop();
  }
}

export function summary(name: string, runs: readonly Run[]): string {
  const gaps = runs.map(({ gap_ms }) => gap_ms).sort((a, b) => a - b);
  const at = (share: number) => Math.round(gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))] ?? 0);
  const sum = (of: (run: Run) => number) => Math.round(runs.reduce((total, run) => total + of(run), 0));
  const median =
    gaps.length % 2 ? at(0.5) : Math.round(((gaps[gaps.length / 2 - 1] ?? 0) + (gaps[gaps.length / 2] ?? 0)) / 2);
  return `${name.padEnd(14)} runs ${runs.length}  gap ms: min ${at(0)}, median ${median}, max ${at(1)}  lost ${sum((run) => run.lost)} of ${sum((run) => run.acknowledged)}  two masters ${sum((run) => run.twoMasters_ms)} ms`;
}
