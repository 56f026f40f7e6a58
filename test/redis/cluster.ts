import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCluster } from "../../src/cluster/load.ts";
import { type Paths, pathsOf } from "../../src/cluster/paths.ts";
import type { Cluster } from "../../src/cluster/schema.ts";
import type { Endpoint } from "../../src/redis/session.ts";

/** The result of a run of an executable. */
export interface RunResult {
  /** null if a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

export interface Running {
  pid: number;
  ended: Promise<RunResult>;
  kill(signal: NodeJS.Signals): void;
}

export interface StartOptions {
  args?: readonly string[];
  /** A command that runs it, such as unshare(1) with its options. */
  within?: readonly string[];
}

/** A cluster file for the servers of a test. The first one is server11. Call `remove` at the end. */
export interface TestCluster {
  /** Those of server11. Each node has its own folders, as on its own host. */
  file: string;
  cluster: Cluster;
  paths: Paths;
  password: string | undefined;
  /** Starts the built executable as node `server11`, `server12`, ... */
  start(executable: string, node: string, options?: StartOptions): Running;
  run(executable: string, node: string, ...args: string[]): Promise<RunResult>;
  log(): Record<string, unknown>[];
  remove(): void;
}

export interface ClusterOptions {
  /** Lines of the section [redis]. */
  redis?: string;
  /** Lines of the section [failover]. */
  failover?: string;
  /** Lines of the section [monitor]. */
  monitor?: string;
  /** The content of the password file, if it is not the password of the servers. */
  password?: string;
}

const dist = new URL("../../dist", import.meta.url).pathname;

export function testCluster(endpoints: readonly Endpoint[], options: ClusterOptions = {}): TestCluster {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-cluster-"));
  const password = options.password ?? endpoints[0]?.password;
  if (password !== undefined) writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
  const files = endpoints.map((_, index) => {
    const home = join(folder, nodeName(index));
    const file = join(home, "cluster.toml");
    mkdirSync(join(home, "log"), { recursive: true });
    writeFileSync(file, clusterText(endpoints, options, password && join(folder, "password"), home));
    const { state, data } = pathsOf(loadCluster(file).cluster);
    for (const path of [state, data]) mkdirSync(path, { recursive: true });
    return { node: nodeName(index), file };
  });
  const file = files[0]?.file ?? "";
  const { cluster } = loadCluster(file);
  const paths = pathsOf(cluster);
  const start = (executable: string, node: string, { args = [], within = [] }: StartOptions = {}) => {
    const { file = "" } = files.find((one) => one.node === node) ?? {};
    return launch([...within, join(dist, executable), "--cluster", file, "--node", node, ...args]);
  };
  return {
    file,
    cluster,
    paths,
    password,
    start,
    run: (executable, node, ...args) => start(executable, node, { args }).ended,
    log: () =>
      readFileSync(paths.log, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      for (const { file } of files) removeLastGood(file);
    },
  };
}

const nodeName = (index: number): string => `server1${index + 1}`;

function clusterText(
  endpoints: readonly Endpoint[],
  { redis = "", failover = "", monitor = "" }: ClusterOptions,
  passwordFile: string | undefined,
  home: string,
): string {
  return [
    'name = "sessions"',
    "[vip]",
    // The host of the test does not have it.
    'address = "192.0.2.120/24"',
    'interface = "eth0"',
    "router_id = 51",
    "[redis]",
    `port = ${endpoints[0]?.port}`,
    ...(passwordFile === undefined ? [] : [`password_file = "${passwordFile}"`]),
    redis,
    "[failover]",
    failover,
    "[monitor]",
    monitor,
    ...["[paths]", ...["state", "log", "data"].map((path) => `${path} = "${join(home, path)}"`)],
    ...endpoints.flatMap(({ host }, index) => ["[[nodes]]", `name = "${nodeName(index)}"`, `address = "${host}"`]),
    "",
  ].join("\n");
}

function launch([program = "", ...args]: string[]): Running {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const started = performance.now();
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const from of ["stdout", "stderr"] as const)
    child[from].on("data", (chunk: Buffer) => {
      output[from] += chunk.toString();
    });
  const ended = new Promise<RunResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output, ms: performance.now() - started }));
  });
  return { pid: child.pid ?? 0, ended, kill: (signal) => void child.kill(signal) };
}

// Executables that root runs keep a copy of every good cluster file there.
function removeLastGood(file: string): void {
  const folder = "/run/keepalived-redis/.last-good";
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(encodeURIComponent(file))) rmSync(join(folder, name), { force: true });
    }
  } catch {
    return;
  }
}
