import { type Lab, startLab } from "../../lab/lab.ts";
import { sleep } from "../../lab/machine/process.ts";
import type { Server } from "../../lab/server/server.ts";
import type { Row } from "../results.ts";
import { pidsOf } from "./idle.ts";
import { costOver } from "./process-cost.ts";

/** What one agent costs that looks after many clusters, each with a Redis and a virtual IP of its own. */

const firstPort = 7001;
const settling_s = 10;
const start_ms = 60_000;

const nameOf = (index: number): string => `c${index}`;
const fileOf = (index: number): string => `/etc/keepalived-redis/${nameOf(index)}.toml`;
const textOf = (index: number, servers: readonly Server[]): string => `name = "${nameOf(index)}"
[vip]
address = "192.0.2.${130 + index}/24"
interface = "eth0"
router_id = ${100 + index}
[redis]
port = ${firstPort + index}
${servers.map(({ name, address }) => `[[nodes]]\nname = "${name}"\naddress = "${address}"\n`).join("")}`;

export async function clusters(counts: readonly number[], seconds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of counts) {
    const lab = await startLab({ profile: "agent" });
    try {
      rows.push(await measure(lab, count, seconds));
    } finally {
      await lab.stop();
    }
  }
  return rows;
}

async function measure(lab: Lab, count: number, seconds: number): Promise<Row> {
  const all = Array.from({ length: count }, (_, index) => index);
  const [first, ...others] = lab.servers;
  if (!first) throw new Error("the lab has no server");
  await startRedis(first, all);
  for (const other of others) await startRedis(other, all, first);
  for (const server of lab.servers) {
    await configure(server, lab.servers, all);
    await server.must(["/opt/lab/start-agent", ...all.flatMap((index) => ["--cluster", fileOf(index)])]);
    await server.startKeepalived();
  }
  const held = () => all.every((index) => lab.servers.some((server) => server.hasAddress(`192.0.2.${130 + index}`)));
  await lab.until(held, start_ms / 1000, "every virtual IP is on a server");
  await sleep(settling_s * 1000);
  const { cpu, rss_MB } = await costOver(seconds, pidsOf(first, "keepalived-redi"));
  return { clusters: count, "agent: CPU % of a core": cpu.toFixed(2), "RSS MB": rss_MB.toFixed(0) };
}

async function startRedis(server: Server, all: readonly number[], master?: Server): Promise<void> {
  for (const index of all) {
    const port = String(firstPort + index);
    const dir = `/var/lib/redis/${port}`;
    const follow = master ? ["--replicaof", `${master.address} ${port}`] : [];
    await server.must(["mkdir", "-p", dir]);
    const options = ["--port", port, "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--dir", dir];
    await server.must(["redis-server", ...options, "--repl-diskless-sync-delay", "0", "--daemonize", "yes", ...follow]);
  }
}

/** One keepalived.conf of all clusters; only the first may have global_defs, as it is one Keepalived with one FIFO. */
async function configure(server: Server, servers: readonly Server[], all: readonly number[]): Promise<void> {
  let conf = "";
  for (const index of all) {
    server.disk.write(fileOf(index), textOf(index, servers));
    await server.must(["mkdir", "-p", `/run/keepalived-redis/${nameOf(index)}`]);
    const generate = ["generate-config", "--profile", "agent", "--cluster", fileOf(index)];
    const { code, stdout, stderr } = await server.run(generate);
    if (code !== 0) throw new Error(`generate-config: ${stderr}`);
    conf += index === 0 ? stdout : stdout.replace(/^global_defs \{[^}]*\}$/m, "");
  }
  // The checks are the net below the agent, and are measured for themselves; fifty of them a second are more than a
  // machine of two cores can do for two hosts.
  server.disk.write("/etc/keepalived/keepalived.conf", conf.replaceAll(/^( +(?:interval|timeout)) \d+$/gm, "$1 60"));
}
