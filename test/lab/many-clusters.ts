import { redisProgram } from "../programs.ts";
import type { Lab } from "./lab.ts";
import type { Server } from "./server/server.ts";

/** Several clusters on two servers, each with its own Redis and virtual IP. Each server has one Keepalived and one agent. */

const firstPort = 7001;
const start_s = 60;

export const nameOf = (index: number): string => `c${index}`;
export const vipOf = (index: number): string => `192.0.2.${130 + index}`;
const fileOf = (index: number): string => `/etc/keepalived-redis/${nameOf(index)}.toml`;

const textOf = (index: number, servers: readonly Server[]): string => `name = "${nameOf(index)}"
[vip]
address = "${vipOf(index)}/24"
interface = "eth0"
router_id = ${100 + index}
[redis]
port = ${firstPort + index}
${servers.map(({ name, address }) => `[[nodes]]\nname = "${name}"\naddress = "${address}"\n`).join("")}`;

/** Starts all clusters. Resolves when each virtual IP is on a server. */
export async function startClusters(lab: Lab, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => index);
  const [first, ...others] = lab.servers;
  if (!first) throw new Error("the lab has no server");
  for (const index of all) {
    await startRedisOf(first, index);
    for (const other of others) await startRedisOf(other, index, first.address);
  }
  for (const server of lab.servers) {
    const conf = await configure(server, lab.servers, all);
    server.disk.write("/etc/keepalived/keepalived.conf", conf);
    await server.must(["/opt/lab/start-agent", ...all.flatMap((index) => ["--cluster", fileOf(index)])]);
    await server.startKeepalived();
  }
  const held = () => all.every((index) => lab.servers.some((server) => server.hasAddress(vipOf(index))));
  await lab.until(held, start_s, "every virtual IP is on a server");
}

/** Starts a Redis of one cluster: a replica of `master`, or without it a master. */
export async function startRedisOf(server: Server, index: number, master?: string): Promise<void> {
  const port = String(firstPort + index);
  const dir = `/var/lib/redis/${port}`;
  await server.must(["mkdir", "-p", dir]);
  const options = ["--port", port, "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--dir", dir];
  const follow = master === undefined ? [] : ["--replicaof", `${master} ${port}`];
  await server.must([
    redisProgram("server"),
    ...options,
    "--repl-diskless-sync-delay",
    "0",
    "--daemonize",
    "yes",
    ...follow,
  ]);
}

/** The output of redis-cli for the Redis of one cluster. */
export async function askRedisOf(server: Server, index: number, ...command: string[]): Promise<string> {
  return (await server.exec([redisProgram("cli"), "-h", server.address, "-p", String(firstPort + index), ...command]))
    .stdout;
}

/** One keepalived.conf for all clusters. Only the first one has global_defs, since there is one Keepalived with one FIFO. */
async function configure(server: Server, servers: readonly Server[], all: readonly number[]): Promise<string> {
  let conf = "";
  for (const index of all) {
    server.disk.write(fileOf(index), textOf(index, servers));
    await server.must(["mkdir", "-p", `/run/keepalived-redis/${nameOf(index)}`]);
    const generate = ["generate-config", "--profile", "agent", "--cluster", fileOf(index)];
    const { code, stdout, stderr } = await server.run(generate);
    if (code !== 0) throw new Error(`generate-config: ${stderr}`);
    conf += index === 0 ? stdout : stdout.replace(/^global_defs \{[^}]*\}$/m, "");
  }
  return conf;
}
