import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { Host } from "../machine/host.ts";
import type { Namespace } from "../machine/namespace.ts";
import type { Network } from "../machine/network.ts";
import { monotonic_ms, type Outcome, type RunOptions, sleep } from "../machine/process.ts";
import { clusterName, type RedisAccess } from "./cluster-file.ts";
import { Daemon } from "./daemon.ts";
import { keepalivedLog } from "./keepalived-start.ts";
import { type HookRun, hookRunsOf, type LogLine, linesOf } from "./log-lines.ts";
import { socketPath } from "./redis-conf.ts";
import { askOnce, RedisSocket } from "./redis-socket.ts";
import { agentLog, agentService, keepalivedService, redisService } from "./services.ts";

/** Where the executables are installed. */
export const binFolder = "/opt/keepalived-redis";
const start_ms = 10_000;

/** A node of the cluster: a host with Redis, Keepalived and the product. */
export class Server extends Host {
  readonly #redis: Daemon;
  readonly #keepalived: Daemon;
  readonly #agent: Daemon;
  readonly #access: RedisAccess;

  constructor(name: string, address: string, lab: Namespace, network: Network, access: RedisAccess) {
    super(name, address, lab, network);
    this.#redis = new Daemon(this, redisService);
    this.#keepalived = new Daemon(this, keepalivedService);
    this.#agent = new Daemon(this, agentService);
    this.#access = access;
  }

  /** Boots the host. Redis and Keepalived are not started. */
  override async powerOn(): Promise<void> {
    await super.powerOn();
    // tmpfiles.d does this on a real host, before Keepalived starts.
    mkdirSync(this.at(`/run/keepalived-redis/${clusterName}`), { recursive: true, mode: 0o755 });
  }

  /** Starts Redis and waits until it answers, even if it is still loading. Arguments are passed to redis-server. */
  async startRedis(...args: string[]): Promise<void> {
    await this.#redis.start(args);
    const end = monotonic_ms() + start_ms;
    let ran = false;
    while (!(await this.info())) {
      if (monotonic_ms() > end) throw new Error(`${this.name}: Redis does not answer ${start_ms} ms after its start`);
      // Another fault of a test may end it, or the host.
      if (!this.isOn || (ran && !this.redisRuns)) throw new Error(`${this.name}: Redis was ended during its start`);
      ran ||= this.redisRuns;
      await sleep(3);
    }
  }

  /** SIGTERM, as a service manager: a Redis with snapshot rules saves before it ends. */
  stopRedis = (): Promise<void> => this.#redis.stop();
  killRedis = (): Promise<void> => this.#redis.kill();
  hangRedis = (): Promise<void> => this.#redis.hang();
  resumeRedis = (): Promise<void> => this.#redis.resume();
  get redisRuns(): boolean {
    return this.#redis.runs;
  }

  startKeepalived = (): Promise<void> => this.#keepalived.start();
  /** SIGTERM to the main process. Keepalived takes about a second to end. */
  stopKeepalived = (): Promise<void> => this.#keepalived.stop();
  /** kill -9 of all its processes: the VIP stays on the host. */
  killKeepalived = (): Promise<void> => this.#keepalived.kill();
  hangKeepalived = (): Promise<void> => this.#keepalived.hang();
  resumeKeepalived = (): Promise<void> => this.#keepalived.resume();
  reloadKeepalived = (): Promise<void> => this.#keepalived.reload();
  get keepalivedRuns(): boolean {
    return this.#keepalived.runs;
  }

  /** Starts the agent and waits for its heartbeat. */
  async startAgent(...args: string[]): Promise<void> {
    const before = this.#heartbeat();
    await this.#agent.start(args);
    const end = monotonic_ms() + start_ms;
    while (!this.agentRuns || this.#heartbeat() === before) {
      if (monotonic_ms() > end)
        throw new Error(`${this.name}: no agent ${start_ms} ms after its start\n${this.#text(agentLog)}`);
      await sleep(5);
    }
  }
  stopAgent = (): Promise<void> => this.#agent.stop();
  killAgent = (): Promise<void> => this.#agent.kill();
  hangAgent = (): Promise<void> => this.#agent.hang();
  resumeAgent = (): Promise<void> => this.#agent.resume();
  /** SIGHUP: the agent reloads the cluster file. */
  reloadAgent = (): Promise<void> => this.#agent.reload();
  get agentRuns(): boolean {
    return this.#agent.runs;
  }

  #heartbeat(): string {
    const path = this.at(`/run/keepalived-redis/${clusterName}/heartbeat`);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Runs an executable of the product on this host: `run(["recover-master", "--json"])`. */
  run([executable = "", ...args]: readonly string[], options?: RunOptions): Promise<Outcome> {
    return this.exec([`${binFolder}/${executable}`, ...args], options);
  }

  /** Sends one command to this host's Redis over its unix socket. An error reply rejects. */
  redis(...command: string[]): Promise<unknown> {
    return askOnce(this.at(socketPath), this.#access.password, command);
  }

  /** A connection to this host's Redis over its unix socket. */
  redisSocket(): RedisSocket {
    return new RedisSocket(this.at(socketPath), this.#access.password);
  }

  /** INFO by field; undefined if no Redis answers. */
  async info(): Promise<Record<string, string> | undefined> {
    if (!this.isOn) return undefined;
    const text = await this.redis("INFO").catch(() => undefined);
    if (typeof text !== "string") return undefined;
    return Object.fromEntries(
      [...text.matchAll(/^([a-z]\w*):(.*)\r$/gm)].map(([, name = "", value = ""]) => [name, value]),
    );
  }

  async role(): Promise<"master" | "replica" | "none"> {
    const role = (await this.info())?.role;
    return role === "master" ? "master" : role === "slave" ? "replica" : "none";
  }

  /** Whether it is a replica with a complete copy, whose link is up. */
  async inSync(): Promise<boolean> {
    const info = await this.info();
    return info?.master_link_status === "up" && info.master_sync_in_progress === "0";
  }

  /** The state that Keepalived entered last, by its log. */
  vrrpState(): string | undefined {
    return [...this.keepalivedLog().matchAll(/Entering (\w+) STATE/g)].at(-1)?.[1];
  }

  holdsVip = (): boolean => this.hasAddress(this.#access.vip);

  /** The product's log. */
  log = (): LogLine[] => linesOf(this.logText());
  logText = (): string => this.#text(`/var/log/keepalived-redis/${clusterName}.log`);

  /** The runs of notify hooks, the oldest first. */
  hookRuns = (): HookRun[] => hookRunsOf(this.log());

  keepalivedLog = (): string => this.#text(keepalivedLog);
  redisLog = (): string => this.#text("/var/log/redis.log");

  #text(path: string): string {
    return existsSync(this.disk.at(path)) ? readFileSync(this.disk.at(path), "utf8") : "";
  }
}
