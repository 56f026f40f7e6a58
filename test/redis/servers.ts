import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openConnection } from "../../src/redis/connection.ts";
import type { Endpoint } from "../../src/redis/session.ts";
import { redisProgram } from "../programs.ts";

const timeout_ms = 10_000;

export interface ServerOptions {
  /** false: no password. */
  password?: string | false;
  /** More lines of redis.conf. */
  conf?: readonly string[];
}

/** A redis-server of a test. The nodes of a cluster have different addresses and the same port, as on real hosts. */
export class RedisServer {
  readonly endpoint: Endpoint;
  readonly folder: string;
  readonly #conf: string;
  #process: ChildProcess | undefined;

  constructor(host: string, port: number, folder: string, { password, conf = [] }: ServerOptions) {
    this.folder = join(folder, host);
    mkdirSync(this.folder);
    this.endpoint = { host, port, password: password || undefined };
    this.#conf = [
      `bind ${host}`,
      `port ${port}`,
      // All of 127.0.0.0/8 is one host: without this every replica would announce 127.0.0.1.
      `replica-announce-ip ${host}`,
      `dir ${this.folder}`,
      `logfile ${join(this.folder, "log")}`,
      'save ""',
      "repl-diskless-sync-delay 0",
      ...(password ? [`requirepass ${password}`, `masterauth ${password}`] : []),
      ...conf,
      "",
    ].join("\n");
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  /** Starts it with more lines of redis.conf, and waits until it answers. */
  async start(...conf: string[]): Promise<void> {
    // The configuration is passed by standard input, since every user can read a password on the command line. setpriv ends the
    // server with this process.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", redisProgram("server"), "-"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#process = child;
    child.stdin?.end(`${this.#conf}${conf.join("\n")}\n`);
    const end = Date.now() + timeout_ms;
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`redis-server ended at once:\n${this.log}`);
      if (Date.now() > end) throw new Error(`redis-server does not answer after ${timeout_ms} ms:\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** One command on a new connection. An error reply rejects. */
  async ask(...command: string[]): Promise<unknown> {
    const session = await openConnection(this.endpoint, timeout_ms);
    try {
      return await session.ask(...command);
    } finally {
      session.close();
    }
  }

  /** SIGTERM: a server with snapshot rules saves before it ends. */
  stop = (): Promise<void> => this.#end("SIGTERM");
  kill = (): Promise<void> => this.#end("SIGKILL");
  hang = (): void => void this.#process?.kill("SIGSTOP");
  resume = (): void => void this.#process?.kill("SIGCONT");

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit", { signal: AbortSignal.timeout(timeout_ms) });
    child.kill(signal);
    await ended;
  }

  async #answers(): Promise<boolean> {
    // LOADING is an answer, too.
    const reply = await this.ask("PING").catch((error: Error) => error);
    return !(reply instanceof Error) || reply.name === "ReplyError";
  }
}

/** Servers at 127.0.0.1, 127.0.0.2 and so on, all on the same port. `stop` must be called at the end. */
export interface Servers {
  servers: RedisServer[];
  stop(): Promise<void>;
}

/** Starts so many servers, all of them masters, in a temporary folder. */
export async function startServers(count: number, options: ServerOptions = {}): Promise<Servers> {
  const { password = randomBytes(12).toString("hex"), ...others } = options;
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-"));
  const hosts = Array.from({ length: count }, (_, index) => `127.0.0.${index + 1}`);
  const port = await freePort(hosts);
  const servers = hosts.map((host) => new RedisServer(host, port, folder, { password, ...others }));
  const stop = async () => {
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
    return { servers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A port that is free on all these addresses. */
export async function freePort(hosts: readonly string[]): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = await tryPort(hosts[0] ?? "127.0.0.1", 0);
    const others = await Promise.all(hosts.slice(1).map((host) => tryPort(host, port).catch(() => undefined)));
    if (others.every((other) => other === port)) return port;
  }
  throw new Error(`no port is free on all of ${hosts.join(", ")}`);
}

/** Listens for a moment, and returns the port. */
async function tryPort(host: string, port: number): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : port;
}
