import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Lab, startLab } from "../../lab/lab.ts";
import { binFolder } from "../../lab/server/server.ts";
import type { Row } from "../results.ts";
import { summarise } from "../statistics.ts";
import { table } from "../table.ts";

/**
 * What one run of the monitor costs on a healthy master, beside a Node that does nothing, in turns. Started as the generated
 * keepalived.conf starts it: check-health starts it by `node`, and not by its first line, through which env starts node (2 ms more). By itself
 * `tsx test/bench/costs/monitor-run.ts [NODE ...]` measures other Node binaries, too.
 */

const state = "/run/keepalived-redis/sessions";
// The first ones fill the cache.
const warmUps = 2;

export async function monitorRun(runs: number, nodes: readonly string[] = [process.execPath]): Promise<Row[]> {
  const lab = await startLab({ profile: "hooks" });
  try {
    await lab.bringUp();
    const rows: Row[] = [];
    for (const node of nodes) rows.push(...(await rowsOf(lab, node, runs)));
    return rows;
  } finally {
    await lab.stop();
  }
}

async function rowsOf({ server11 }: Lab, node: string, runs: number): Promise<Row[]> {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  const folder = `/opt/node-${version}`;
  server11.disk.write(`${folder}/node`, "", 0o755);
  copyFileSync(node, server11.disk.at(`${folder}/node`));
  const monitor = `${binFolder}/monitor`;
  const commands = {
    "node -e 0": "node -e 0",
    "node monitor": `node ${monitor}`,
    "sh check-health ... node monitor": `sh ${binFolder}/check-health ${state} 1 node ${monitor}`,
  };
  // bash tells wall clock, user and system time in milliseconds, and no process more is in between.
  const script = `PATH=${folder}:$PATH; TIMEFORMAT="%R %U %S"
    for ((run = 0; run < ${runs + warmUps}; run++)); do
      for command in "$@"; do { time $command >/dev/null 2>&1 || exit 1; } 2>&1; done
    done`;
  const argv = ["bash", "-c", script, "monitor-run", ...Object.values(commands)];
  const { stdout } = await server11.must(argv, { deadline_ms: 300_000 });
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map((seconds) => Number(seconds) * 1000));
  const costs = Object.keys(commands).map((what, nth) => {
    const own = lines.filter((_, n) => n % Object.keys(commands).length === nth).slice(warmUps);
    const median = (cost: (line: number[]) => number) => summarise(own.map(cost)).median;
    return { what, cpu: median(([, user = 0, system = 0]) => user + system), wall: median(([wall = 0]) => wall) };
  });
  return costs.map(({ what, cpu, wall }) => ({
    "": `${version}: ${what}`,
    runs,
    "CPU median ms": cpu.toFixed(1),
    "wall median ms": wall.toFixed(1),
    "CPU, of node -e 0": (cpu / (costs[0]?.cpu ?? 0)).toFixed(2),
    "wall, of node -e 0": (wall / (costs[0]?.wall ?? 0)).toFixed(2),
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(table(await monitorRun(30, [process.execPath, ...process.argv.slice(2)])));
