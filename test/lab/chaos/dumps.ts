import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WriteReport } from "../client/write-report.ts";
import { valueFor } from "../client/writer-options.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { clusterName } from "../server/cluster-file.ts";
import { RedisSocket } from "../server/redis-socket.ts";
import type { Server } from "../server/server.ts";

export const quarantineFolder = `/var/lib/keepalived-redis/${clusterName}/quarantine`;
/** Dumps that lay on a disk which we took away again. */
export const keptFolder = "/var/lib/kept-by-the-test";

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

/** The dumps of all servers, by the path the tests see. */
export const dumpsOf = (servers: readonly Server[]): string[] =>
  servers.flatMap((server) =>
    [quarantineFolder, keptFolder]
      .map((folder) => server.disk.at(folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
      .filter((path) => path.endsWith(".rdb")),
  );

/** What is in none of these dumps; each is loaded by a server of its own, which has nothing to do with the lab. */
export async function inNoDump<E extends Entry>(missing: readonly E[], dumps: readonly string[]): Promise<E[]> {
  let left = [...missing];
  for (const dump of dumps) {
    if (left.length === 0) break;
    left = await inDump(left, dump);
  }
  return left;
}

/** Of the writes that the master lacks (`lab.lostWrites`), those that are in no dump of these servers either. */
export const lostForGood = (
  lost: readonly string[],
  report: WriteReport,
  servers: readonly Server[],
): Promise<Entry[]> => {
  const entries = lost.map((key) => ({ key, value: valueFor(Number(key.split(":").at(-1)), report) }));
  return inNoDump(entries, dumpsOf(servers));
};

async function inDump<E extends Entry>(missing: readonly E[], dump: string): Promise<E[]> {
  const folder = mkdtempSync(join(tmpdir(), "dump-"));
  const path = join(folder, "redis.sock");
  copyFileSync(dump, join(folder, "dump.rdb"));
  const lines = ["--port", "0", "--unixsocket", path, "--dir", folder, "--save", "", "--daemonize", "no"];
  const server = spawn("redis-server", lines, { stdio: "ignore" });
  const ended = once(server, "exit");
  try {
    const socket = await loaded(path, () => server.exitCode !== null);
    // A dump that can't be read keeps nothing.
    return socket ? await absent(missing, socket) : [...missing];
  } finally {
    server.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loaded(path: string, over: () => boolean): Promise<RedisSocket | undefined> {
  const end = monotonic_ms() + load_ms;
  while (monotonic_ms() < end && !over()) {
    if (existsSync(path)) {
      const socket = new RedisSocket(path, undefined);
      if ((await socket.ask(["PING"]).catch(() => undefined)) === "PONG") return socket;
      socket.close();
    }
    await sleep(10);
  }
  return undefined;
}

/** Those that the server at the other end does not have with the value that was written. */
export async function absent<E extends Entry>(written: readonly E[], socket: RedisSocket): Promise<E[]> {
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
