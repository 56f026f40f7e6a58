import { readFileSync } from "node:fs";
import { sleep } from "../../lab/machine/process.ts";

// USER_HZ of every Linux on the platforms that Node supports (proc(5)).
const ticksPerSecond = 100;

// Compiling and the first collections of garbage are a start's cost: V8 shrinks its heap some 8 s after it (--trace-gc).
export const settling_s = 30;

export interface Cost {
  /** Per cent of one core: its own work. */
  cpu: number;
  /** Per cent of one core: of the children that ended and were waited for. */
  childrenCpu: number;
  rss_MB: number;
}

/** All that a service costs, with what it starts. */
export const wholeCpu = ({ cpu, childrenCpu }: Cost): number => cpu + childrenCpu;

/** What processes used up over a time, in sum; `pids` as the tests see them. */
export async function costOver(seconds: number, pids: readonly number[]): Promise<Cost> {
  if (pids.length === 0) throw new Error("there is no process whose cost could be measured");
  const before = ticksOf(pids);
  await sleep(seconds * 1000);
  const after = ticksOf(pids);
  const share = (ticks: number) => (100 * ticks) / ticksPerSecond / seconds;
  const rss_MB = pids.reduce((sum, pid) => sum + rssOf(pid), 0) / 1000;
  return { cpu: share(after.own - before.own), childrenCpu: share(after.children - before.children), rss_MB };
}

function ticksOf(pids: readonly number[]): { own: number; children: number } {
  const fields = pids.map((pid) => {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold spaces; the next field is the third of proc(5).
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  });
  const sum = (...numbers: number[]) =>
    fields.reduce((total, one) => total + numbers.reduce((ticks, number) => ticks + Number(one[number - 3]), 0), 0);
  return { own: sum(14, 15), children: sum(16, 17) };
}

const rssOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
