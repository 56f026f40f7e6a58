import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCluster } from "../../src/cluster/load.ts";
import { type Paths, pathsOf } from "../../src/cluster/paths.ts";
import type { Cluster } from "../../src/cluster/schema.ts";
import type { Endpoint } from "../../src/redis/session.ts";

/** What became of one run of an executable. */
export interface Ended {
  /** null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

export interface Running {
  pid: number;
  ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

export interface StartOptions {
  args?: readonly string[];
  /** A command that starts it, such as unshare(1) with its options. */
  within?: readonly string[];
}

/** A cluster file for servers of a test, with all of its folders in a temporary one. Call `remove` at the end. */
export interface TestCluster {
  file: string;
  cluster: Cluster;
  paths: Paths;
  password: string | undefined;
  /** Starts the built executable as node `server11`, `server12`, ... */
  start(executable: string, node: string, options?: StartOptions): Running;
  run(executable: string, node: string, ...args: string[]): Promise<Ended>;
  log(): Record<string, unknown>[];
  remove(): void;
}

export interface ClusterOptions {
  /** Added to the file: sections and keys as they stand in it. */
  toml?: string;
  /** The address of this host that stands for the virtual IP; by default none has it. */
  vip?: string;
  /** What the password file holds, where it isn't the servers' password. */
  password?: string;
}

const dist = new URL("../../dist", import.meta.url).pathname;

export function testCluster(endpoints: readonly Endpoint[], options: ClusterOptions = {}): TestCluster {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-cluster-"));
  const file = join(folder, "cluster.toml");
  const [first] = endpoints;
  const password = options.password ?? first?.password;
  if (password !== undefined) writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
  const text = [
    'name = "sessions"',
    "[vip]",
    `address = "${options.vip ?? "192.0.2.120"}/24"`,
    'interface = "eth0"',
    "router_id = 51",
    "[redis]",
    `port = ${first?.port}`,
    ...(password === undefined ? [] : [`password_file = "${join(folder, "password")}"`]),
    ...["[paths]", ...["state", "log", "data"].map((path) => `${path} = "${join(folder, path)}"`)],
    options.toml ?? "",
    ...endpoints.flatMap(({ host }, index) => ["[[nodes]]", `name = "server1${index + 1}"`, `address = "${host}"`]),
    "",
  ].join("\n");
  writeFileSync(file, text);
  const cluster = parseCluster(text, file);
  const paths = pathsOf(cluster);
  for (const path of [paths.state, paths.data, join(folder, "log")]) mkdirSync(path, { recursive: true });
  const start = (executable: string, node: string, { args = [], within = [] }: StartOptions = {}) =>
    launch([...within, join(dist, executable), "--cluster", file, "--node", node, ...args]);
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
      forgetLastGood(file);
    },
  };
}

function launch([program = "", ...args]: string[]): Running {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const started = performance.now();
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const from of ["stdout", "stderr"] as const)
    child[from].on("data", (chunk: Buffer) => {
      said[from] += chunk.toString();
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...said, ms: performance.now() - started }));
  });
  return { pid: child.pid ?? 0, ended, kill: (signal) => void child.kill(signal) };
}

// The executables keep a copy of every good cluster file there when root runs them.
function forgetLastGood(file: string): void {
  const folder = "/run/keepalived-redis/.last-good";
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(encodeURIComponent(file))) rmSync(join(folder, name), { force: true });
    }
  } catch {
    return;
  }
}
