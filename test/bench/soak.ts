import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import type { Writing } from "../lab/client/writing.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { monotonic_ms, sleep } from "../lab/machine/process.ts";
import type { Server } from "../lab/server/server.ts";
import { type Disturbance, disturbances, populate } from "./disturbances.ts";

/**
 * `npm run soak`: a healthy pair under load, with agents unless told otherwise, on a machine whose cores are all busy, disturbed by everything that
 * is no failure. It fails when anybody takes it for one.
 */

const usage =
  "npm run soak -- [--minutes N] [--megabytes N] [--longest-sleep SECONDS] [--profile hooks|agent] [--interval SECONDS]";
const options = {
  minutes: { type: "string", default: "30" },
  megabytes: { type: "string", default: "1000" },
  // Below agent.timeout, 0.25 s; above it the run must fail.
  "longest-sleep": { type: "string", default: "0.15" },
  profile: { type: "string", default: "agent" },
  // Between the checks (monitor.interval). A fraction needs Keepalived 2.3.2.
  interval: { type: "string", default: "1" },
} as const;

const look_ms = 20;
const chunk_s = 60;

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  const [minutes, megabytes, longest_s] = [values.minutes, values.megabytes, values["longest-sleep"]].map(Number);
  const { profile } = values;
  const interval = Number(values.interval);
  if (!minutes || !megabytes || !longest_s || !interval || (profile !== "hooks" && profile !== "agent"))
    throw new Error(usage);
  const cluster = { monitor: { interval } };
  const lab = await startLab({ profile, cluster, redis: { conf: ["enable-debug-command yes"] } });
  // One for each of two cores.
  const burners = [1, 2].map(() => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  try {
    await lab.bringUp();
    await populate(lab.servers, megabytes);
    const before = new Set(words(lab));
    const end_ms = monotonic_ms() + minutes * 60_000;
    const all = disturbances(longest_s);
    const moved = new Set<string>();
    const written: Written = { acknowledged: 0, lost: 0, gap_ms: 0 };
    const work = [
      watch(lab, end_ms, moved),
      write(lab, end_ms, written),
      ...all.map((one) => disturb(lab, one, end_ms)),
    ];
    // Whoever takes one of them for a failure ends sessions of ours, too: what follows says why.
    await Promise.all(work).catch((error: Error) => moved.add(error.message));
    const said = words(lab).filter((line) => !before.has(line));
    const failures = [...moved, ...said, ...(written.lost > 0 ? [`${written.lost} acknowledged writes are gone`] : [])];
    const done = all.map(({ name, count }) => `${name} ${count}`).join(", ");
    console.log(
      `${minutes} minutes, ${megabytes} MB: ${done}; ${written.acknowledged} writes acknowledged, ${written.lost} lost, longest gap ${written.gap_ms.toFixed(0)} ms`,
    );
    for (const failure of failures.slice(0, 20)) console.log(`FAILED: ${failure}`);
    if (failures.length > 0) console.log(await lab.dump());
    console.log(failures.length === 0 ? "no false failover" : `${failures.length} signs of a false failover`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    for (const burner of burners) burner.kill("SIGKILL");
    await lab.stop();
  }
}

/**
 * What Keepalived and the agents said of a change: a state entered, a node unfit, a master made. A replica is
 * parked and follows again when its agent's connection to the master is killed: that is no failover.
 */
const words = ({ servers }: Lab): string[] =>
  servers.flatMap((server) => [
    ...server
      .keepalivedLog()
      .split("\n")
      .filter((line) => /Entering (MASTER|FAULT) STATE|removing VIPs/.test(line)),
    ...server
      .log()
      .filter(({ message = "" }) => /^unfit|made master|stepping down|writes held back/.test(message))
      .map(({ timestamp, node, message }) => `${timestamp} ${node}: ${message}`),
  ]);

/** Where the virtual IP is and what each Redis is, from one end to the other. */
async function watch({ server11, server12 }: Lab, end_ms: number, seen: Set<string>): Promise<void> {
  while (monotonic_ms() < end_ms) {
    if (!server11.holdsVip()) seen.add("server11 was without the virtual IP");
    if (server12.holdsVip()) seen.add("server12 had the virtual IP");
    if ((await server11.role()) === "replica") seen.add("server11 was a replica");
    if ((await server12.role()) === "master") seen.add("server12 was a master");
    await sleep(look_ms);
  }
}

interface Written {
  acknowledged: number;
  lost: number;
  gap_ms: number;
}

/** Clients write all the time; what they wrote in a minute is looked for in the next one, and then removed. */
async function write(lab: Lab, end_ms: number, total: Written): Promise<void> {
  const begin = (chunk: number) => lab.client.writeThroughVip({ db: 1 + (chunk % 2), valueBytes: 100 });
  let writing: Writing | undefined = await begin(0);
  for (let chunk = 1; writing; chunk++) {
    await sleep(Math.min(chunk_s * 1000, Math.max(0, end_ms - monotonic_ms())));
    const next: Writing | undefined = monotonic_ms() < end_ms ? await begin(chunk) : undefined;
    const report = await writing.stop();
    total.acknowledged += report.acknowledged;
    total.gap_ms = Math.max(total.gap_ms, report.longestGap.ms);
    total.lost += (await lab.lostWrites(report, lab.server11)).length;
    await empty(lab.server11, writing.options.db);
    writing = next;
  }
}

/** In small steps, as an application would. */
async function empty(server: Server, db: number): Promise<void> {
  const socket = server.redisSocket();
  try {
    await socket.ask(["SELECT", String(db)]);
    for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
      const [next, keys] = (await socket.ask(["SCAN", cursor, "COUNT", "300"])) as [string, string[]];
      cursor = next;
      if (keys.length > 0) await socket.ask(["UNLINK", ...keys]);
      await sleep(5);
    }
  } finally {
    socket.close();
  }
}

async function disturb(lab: Lab, disturbance: Disturbance, end_ms: number): Promise<void> {
  while (monotonic_ms() < end_ms) {
    await sleep(Math.min(disturbance.every_s * 1000, Math.max(0, end_ms - monotonic_ms())));
    for (const server of lab.servers) await disturbance.act(server);
    disturbance.count += lab.servers.length;
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`soak: ${error.stack}`);
    process.exit(2);
  },
);
