import { randomBytes } from "node:crypto";
import { isIPv6 } from "node:net";
import { bundleWriter, Client, writerPath } from "./client/client.ts";
import { lostWrites } from "./client/lost-writes.ts";
import type { WriteReport } from "./client/write-report.ts";
import { type Namespace, openLab } from "./machine/namespace.ts";
import { Network } from "./machine/network.ts";
import { monotonic_ms, sleep } from "./machine/process.ts";
import { processesInNamespacesOf, waitForEnd } from "./machine/remaining-processes.ts";
import { toolsOutsideUsr } from "./machine/tools.ts";
import { type RedisAccess, vipOf } from "./server/cluster-file.ts";
import { install, type Setup } from "./server/install.ts";
import { redisPort } from "./server/redis-conf.ts";
import { Server } from "./server/server.ts";
import { makeCertificates } from "./server/tls.ts";
import { MasterWatch } from "./watch/master-watch.ts";
import { logTails, summarizeServers } from "./watch/server-summary.ts";

export interface LabOptions extends Partial<Setup> {
  /** The number of servers: server11, server12, ... The first has the highest priority. */
  nodes?: 2 | 3;
  /** `pause_ms` of the writers; default 0. */
  pause_ms?: number;
}

/** Hosts on a network of their own. All of it ends with `stop`, or with this process. */
export class Lab {
  readonly servers: readonly Server[];
  readonly client: Client;
  readonly vip: string;
  /** The password of every Redis; undefined if they have none. */
  readonly password: string | undefined;
  readonly #namespace: Namespace;
  readonly #watches: MasterWatch[] = [];
  /** Each server has an agent. */
  readonly withAgents: boolean;

  constructor(
    namespace: Namespace,
    servers: readonly Server[],
    client: Client,
    { vip, password }: RedisAccess,
    withAgents: boolean,
  ) {
    this.vip = vip;
    this.#namespace = namespace;
    this.withAgents = withAgents;
    this.servers = servers;
    this.client = client;
    this.password = password;
  }

  get server11(): Server {
    return this.#server(0);
  }

  get server12(): Server {
    return this.#server(1);
  }

  get server13(): Server {
    return this.#server(2);
  }

  /** The normal state: the first server is master and holds the VIP, the others are replicas in sync. */
  async bringUp(): Promise<void> {
    const [first, ...others] = this.servers;
    if (!first) throw new Error("the lab has no server");
    await Promise.all(this.servers.map((server) => server.startRedis()));
    await first.redis("REPLICAOF", "NO", "ONE");
    // After a full copy by disk the master sends each write at once. After a diskless one it sends none before the first
    // acknowledgement of the replica, up to a second after the link is "up": a crash of the master would lose these writes.
    await first.redis("CONFIG", "SET", "repl-diskless-sync", "no");
    await Promise.all(others.map((server) => server.redis("REPLICAOF", first.address, String(redisPort))));
    await this.until(
      async () => (await Promise.all(others.map((other) => other.inSync()))).every(Boolean),
      15,
      "in sync",
    );
    await first.redis("CONFIG", "SET", "repl-diskless-sync", "yes");
    if (this.withAgents) await Promise.all(this.servers.map((server) => server.startAgent()));
    await first.startKeepalived();
    await this.until(() => first.holdsVip(), 20, `${first.name} holds the VIP`);
    await Promise.all(others.map((server) => server.startKeepalived()));
    const standBy = () => others.every((server) => server.vrrpState() === "BACKUP");
    await this.until(standBy, 20, "Keepalived is in BACKUP on the others");
  }

  /** Waits until a condition is true; one that throws is not true yet. The error of a failure has the state of all servers. */
  async until(condition: () => boolean | Promise<boolean>, seconds: number, sentence: string): Promise<void> {
    const end = monotonic_ms() + seconds * 1000;
    let problem = "";
    for (;;) {
      try {
        if (await condition()) return;
        problem = "";
      } catch (error) {
        problem = `\n${(error as Error).message}`;
      }
      if (monotonic_ms() > end) {
        throw new Error(`not within ${seconds} s: ${sentence}${problem}\n${await this.summary()}`);
      }
      await sleep(5);
    }
  }

  /** Records the masters from now until its `stop`. */
  watchMasters(every_ms = 5): MasterWatch {
    const watch = new MasterWatch(this.servers, every_ms);
    this.#watches.push(watch);
    return watch;
  }

  /** The acknowledged keys that a server lacks. */
  lostWrites(report: WriteReport, server: Server): Promise<string[]> {
    return lostWrites(report, server);
  }

  /** The state of VIP, Keepalived and Redis, one line for each server. */
  summary(): Promise<string> {
    return summarizeServers(this.servers);
  }

  /** The state of all servers, and the last lines of all logs. */
  async dump(): Promise<string> {
    return `${await this.summary()}\n${logTails(this.servers)}`;
  }

  /** Ends everything. Rejects if a process remains. */
  async stop(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.stop()));
    // Its process is outside the namespaces of the lab, and would keep this one alive.
    await this.servers[0]?.endSlow();
    const hosts = [...this.servers, this.client];
    const running = processesInNamespacesOf([
      this.#namespace.pid,
      ...hosts.flatMap(({ firstProcess }) => firstProcess ?? []),
    ]);
    await this.#namespace.end();
    await Promise.all(hosts.map((host) => host.ended()));
    await waitForEnd(running);
  }

  #server(index: number): Server {
    const server = this.servers[index];
    if (!server) throw new Error(`the lab has ${this.servers.length} servers only`);
    return server;
  }
}

/** Starts a lab: the hosts are on, with everything installed, but Redis and Keepalived do not run yet. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { nodes = 2, redis = {}, cluster = {}, profile = "hooks", files = {}, keepalivedConf, dist } = options;
  const vip = vipOf(cluster);
  // All addresses of a cluster are of one family, and the hosts have those of the virtual IP.
  const network = isIPv6(vip) ? "2001:db8::" : "192.0.2.";
  const ports = ["server11", "server12", "server13"]
    .slice(0, nodes)
    .map((name, index) => ({ name, address: `${network}${11 + index}` }));
  const access = {
    vip,
    // Random, so that a scenario can search the logs for it.
    password: redis.password === undefined ? randomBytes(12).toString("hex") : redis.password || undefined,
    tls: redis.tls ? await makeCertificates([vip, ...ports.map(({ address }) => address)]) : undefined,
  };
  const [namespace, writer] = await Promise.all([openLab(toolsOutsideUsr()), bundleWriter()]);
  try {
    const wires = new Network(namespace);
    const servers = ports.map(({ name, address }) => new Server(name, address, namespace, wires, access));
    const client = new Client("client", `${network}100`, namespace, wires, access, options.pause_ms ?? 0);
    client.disk.write(writerPath, writer);
    await Promise.all([...servers, client].map((host) => host.powerOn()));
    const setup = { cluster, redis, profile, files, keepalivedConf, ...(dist === undefined ? {} : { dist }) } as const;
    await Promise.all(servers.map((server) => install(server, servers, setup, access)));
    return new Lab(namespace, servers, client, access, profile === "agent");
  } catch (error) {
    await namespace.end();
    throw error;
  }
}
