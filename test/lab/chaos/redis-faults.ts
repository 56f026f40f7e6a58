import { copyFileSync, rmSync } from "node:fs";
import { redisProgram } from "../../programs.ts";
import type { Lab } from "../lab.ts";
import { type Fault, isFile } from "./fault-context.ts";
import { ask } from "./redis-load.ts";

/** Faults of one Redis: it ends, hangs, or comes back with other data. */

const dumpPath = "/var/lib/redis/dump.rdb";
const oldDumpPath = "/var/lib/redis-before-the-round.rdb";

/** Keeps the present data of each server for the fault restart-redis-old. */
export async function keepPresentData({ servers, password = "" }: Lab): Promise<void> {
  const command = [redisProgram("cli"), "-s", "/run/redis/redis.sock", "--rdb", oldDumpPath];
  const all = servers.map((server) =>
    server.must(["env", `REDISCLI_AUTH=${password}`, ...command], { deadline_ms: 20_000 }),
  );
  await Promise.all(all);
}

export const killRedis: Fault = (context, { server }) => context.killRedis(server, "kill -9");

export const hangRedis: Fault = async (context, { server, for_ms }) => {
  if (!server.redisRuns) throw new Error("no Redis runs");
  // This fails if it is about to end.
  await server.hangRedis();
  context.interrupted(`hung ${server.name}`);
  if (!(await context.lasts(for_ms))) return;
  await server.resumeRedis();
  context.restored(`hung ${server.name}`);
};

export const sleepRedis: Fault = async (context, { server, for_ms }) => {
  context.interrupted(`asleep ${server.name}`);
  await ask(context, server, ["DEBUG", "SLEEP", String(for_ms / 1000)]).finally(() => {
    context.restored(`asleep ${server.name}`);
    context.event();
  });
};

export const restartRedis: Fault = async (context, { server, for_ms }) => {
  // A server with snapshot rules saves before it ends, so that no data is lost.
  const saves = (await server.redis("CONFIG", "GET", "save")) as string[];
  if (!saves[1]) context.sampler.crashed(server.name, `${server.name} ended without snapshots`);
  await server.stopRedis();
  // It may have waited up to 10 s for a replica that was cut off (shutdown-timeout), and served meanwhile.
  context.event();
  await context.startRedisAfter(server, for_ms);
};

export const restartRedisKilled: Fault = async (context, { server, for_ms }) => {
  await context.killRedis(server, "kill -9, restart");
  await context.startRedisAfter(server, for_ms);
};

export const restartRedisOld: Fault = async (context, { server, for_ms }) => {
  await context.killRedis(server, "kill -9, restart with old data");
  if (isFile(server, oldDumpPath)) copyFileSync(server.disk.at(oldDumpPath), server.disk.at(dumpPath));
  await context.startRedisAfter(server, for_ms);
};

export const restartRedisEmpty: Fault = async (context, { server, for_ms }) => {
  await context.killRedis(server, "kill -9, restart empty");
  rmSync(server.disk.at(dumpPath), { force: true });
  await context.startRedisAfter(server, for_ms);
};
