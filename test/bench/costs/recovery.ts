import { rmSync } from "node:fs";
import { type Lab, startLab } from "../../lab/lab.ts";
import { monotonic_ms, sleep } from "../../lab/machine/process.ts";
import { redisPort } from "../../lab/server/redis-conf.ts";
import type { Server } from "../../lab/server/server.ts";
import type { Row } from "../results.ts";
import { summarise } from "../statistics.ts";

/** How long it takes to get a failed node back, against the least that it can take: a bare REPLICAOF. */

const valueBytes = 1000;
// What is written would be compressed to nothing, and the copy be no measure for real data.
const conf = ["enable-debug-command yes", "rdbcompression no", "repl-diskless-sync-delay 0"];
const patience_s = 300;

const profiles = ["hooks", "agent"] as const;

export async function recovery(megabytes: readonly number[], rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const profile of profiles) {
    for (const size of megabytes) rows.push(await recoveryOf(profile, size, rounds));
  }
  return rows;
}

async function recoveryOf(profile: (typeof profiles)[number], size: number, rounds: number): Promise<Row> {
  const bare: number[] = [];
  const ours: number[] = [];
  const lab = await startLab({ profile, redis: { conf } });
  try {
    const { server11, server12 } = lab;
    await lab.bringUp();
    await server11.killRedis();
    await lab.until(async () => server12.holdsVip() && (await server12.role()) === "master", 15, "server12 took over");
    await populate(lab, size);
    for (let round = 0; round < rounds; round++) {
      loseDump(server11);
      bare.push(await bareReplication(lab));
      // With the hooks a recovery ends when the next check, one a second, has found this node fit. After a start of Keepalived
      // each round would meet the same moment between two of them.
      await sleep((1000 * round) / rounds);
      loseDump(server11);
      ours.push(await recoverMaster(lab));
    }
  } finally {
    await lab.stop();
  }
  const [least, us] = [summarise(bare), summarise(ours)];
  return {
    profile,
    "data MB": size,
    runs: rounds,
    "bare REPLICAOF s": (least.median / 1000).toFixed(2),
    "recover-master s": (us.median / 1000).toFixed(2),
    ratio: (us.median / least.median).toFixed(2),
  };
}

/** With a dump of its own a node would ask for what is missing only, and DEBUG POPULATE doesn't tell the replicas what it adds. */
const loseDump = ({ disk }: Server): void => rmSync(disk.at("/var/lib/redis/dump.rdb"), { force: true });

async function populate({ server12 }: Lab, megabytes: number): Promise<void> {
  const socket = server12.redisSocket();
  try {
    const keys = String(megabytes * 1000);
    await socket.ask(["DEBUG", "POPULATE", keys, "key", String(valueBytes)], patience_s * 1000);
  } finally {
    socket.close();
  }
}

/** From the start of an empty Redis to the replica in sync; Keepalived and agent are stopped, so that nobody else has a say. */
async function bareReplication(lab: Lab): Promise<number> {
  const { server11, server12 } = lab;
  await server11.stopKeepalived();
  if (lab.withAgents) await server11.stopAgent();
  const started_ms = monotonic_ms();
  await server11.startRedis("--replicaof", `${server12.address} ${redisPort}`);
  await inSync(lab);
  const took_ms = monotonic_ms() - started_ms;
  await server11.killRedis();
  if (lab.withAgents) await server11.startAgent();
  await server11.startKeepalived();
  // Two checks: it knows then that there is no Redis, which it doesn't say when it has just started.
  await sleep(2000);
  return took_ms;
}

async function recoverMaster(lab: Lab): Promise<number> {
  const { code, ms, stderr } = await lab.server11.run(["recover-master"], { deadline_ms: patience_s * 1000 });
  if (code !== 0) throw new Error(`recover-master: ${stderr}`);
  await inSync(lab);
  await lab.server11.killRedis();
  return ms;
}

const inSync = (lab: Lab): Promise<void> => lab.until(() => lab.server11.inSync(), patience_s, "server11 is in sync");
