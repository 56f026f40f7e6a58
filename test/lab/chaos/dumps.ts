import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisProgram } from "../../programs.ts";
import type { WriteReport } from "../client/write-report.ts";
import { valueFor } from "../client/writer-options.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { clusterName } from "../server/cluster-file.ts";
import { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";

export const quarantineFolder = `/var/lib/keepalived-redis/${clusterName}/quarantine`;
/** Dumps that were on the full disk of the fault fill-disk, copied before that disk was removed. */
export const savedDumpsFolder = "/var/lib/dumps-saved-by-the-test";

const load_ms = 20_000;
const batch = 1000;

/** A key and the value that was written to it. */
export interface Entry {
  key: string;
  value: string;
}

export interface Written extends Entry {
  at_ms: number;
  /** Run id of the Redis that acknowledged it. */
  runId: string;
}

/** What all servers have kept in quarantine since then, dumps and diverged writes, by the path the tests see. */
export const dumpsOf = (servers: readonly Server[], since_ms = Number.NEGATIVE_INFINITY): string[] =>
  servers.flatMap((server) =>
    [quarantineFolder, savedDumpsFolder]
      .map((folder) => server.disk.at(folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
      .filter((path) => /\.(rdb|aof)$/.test(path) && modified_ms(path) >= since_ms),
  );

/** By the monotonic clock. */
const modified_ms = (path: string): number => statSync(path).mtimeMs - Date.now() + monotonic_ms();

/** The entries that are in none of these dumps. Each dump is loaded into a Redis outside of the lab. */
export async function inNoDump<E extends Entry>(missing: readonly E[], dumps: readonly string[]): Promise<E[]> {
  let left = [...missing];
  for (const dump of dumps) {
    if (left.length === 0) break;
    left = await missingInDump(left, dump);
  }
  return left;
}

/** Of the writes that the master lacks (`lab.lostWrites`), those that are in no dump of these servers, either. */
export const lostForGood = (
  lost: readonly string[],
  report: WriteReport,
  servers: readonly Server[],
): Promise<Entry[]> => {
  const entries = lost.map((key) => ({ key, value: valueFor(Number(key.split(":").at(-1)), report) }));
  return inNoDump(entries, dumpsOf(servers));
};

async function missingInDump<E extends Entry>(missing: readonly E[], dump: string): Promise<E[]> {
  const folder = mkdtempSync(join(tmpdir(), "dump-"));
  const path = join(folder, "redis.sock");
  const appendOnly = dump.endsWith(".aof");
  copyFileSync(dump, join(folder, appendOnly ? "appendonly.aof" : "dump.rdb"));
  const lines = ["--port", "0", "--unixsocket", path, "--dir", folder, "--save", "", "--daemonize", "no"];
  if (appendOnly) lines.push("--appendonly", "yes");
  const server = spawn(redisProgram("server"), lines, { stdio: "ignore" });
  const ended = once(server, "exit");
  try {
    const socket = await connectOnceLoaded(path, () => server.exitCode !== null);
    // A dump that can't be loaded counts as empty.
    return socket ? await missingFrom(missing, socket) : [...missing];
  } finally {
    server.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function connectOnceLoaded(path: string, hasEnded: () => boolean): Promise<RedisSocket | undefined> {
  const end = monotonic_ms() + load_ms;
  while (monotonic_ms() < end && !hasEnded()) {
    if (existsSync(path)) {
      const socket = new RedisSocket(path, undefined);
      if ((await socket.ask(["PING"]).catch(() => undefined)) === "PONG") return socket;
      socket.close();
    }
    await sleep(10);
  }
  return undefined;
}

/** The entries that this Redis does not have with the value that was written. Closes the socket. */
export async function missingFrom<E extends Entry>(written: readonly E[], socket: RedisSocket): Promise<E[]> {
  try {
    const missing: E[] = [];
    for (let start = 0; start < written.length; start += batch) {
      const some = written.slice(start, start + batch);
      const values = await socket.ask(["MGET", ...some.map(({ key }) => key)], 10_000);
      if (!Array.isArray(values)) throw new Error(`MGET: ${String(values)}`);
      missing.push(...some.filter(({ value }, index) => values[index] !== value));
    }
    return missing;
  } finally {
    socket.close();
  }
}
