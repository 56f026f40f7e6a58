import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Place, standGuard } from "../src/agent/agent-main.ts";
import { Guard } from "../src/agent/cluster-agent.ts";
import { serveHealth } from "../src/agent/http.ts";
import { runPlain, textOf, textsOf, type Values } from "../src/cli/plain-cli.ts";
import { CommandRefused } from "../src/cluster/errors.ts";
import { loadOrLastGood } from "../src/cluster/last-good.ts";
import { localNode } from "../src/cluster/local-node.ts";
import { readPassword } from "../src/cluster/password.ts";
import { clusterFile, pathsOf } from "../src/cluster/paths.ts";
import type { Cluster } from "../src/cluster/schema.ts";
import { openLog } from "../src/log/log.ts";
import type { Level } from "../src/model/log.ts";
import { takeLock } from "../src/system/lock.ts";
import { raisePriority } from "../src/system/priority.ts";

// Longer than a failover takes: what it does comes before what it says.
const logDelay_ms = 50;

runPlain({
  name: "agent",
  summary:
    "Watches Redis and Keepalived beside the hooks and does their work within milliseconds. Runs until it is told to stop.",
  options: {
    cluster: {
      value: "FILE",
      about:
        "the cluster file; may be given more than once (default: KEEPALIVED_REDIS_CLUSTER or /etc/keepalived-redis/cluster.toml)",
      many: true,
    },
  },
  run,
});

async function run(values: Values): Promise<number> {
  process.title = "keepalived-redis-agent";
  const files = textsOf(values.cluster) ?? [clusterFile()];
  const places = await Promise.all(files.map((file) => placeOf(file, values)));
  for (const { charge, file } of places) {
    const { agentLock } = pathsOf(charge.cluster);
    mkdirSync(dirname(agentLock), { recursive: true, mode: 0o755 });
    // Held until this process ends, however it ends.
    await takeLock(agentLock, 0).catch(() => {
      throw new CommandRefused(`another agent guards ${charge.cluster.name} on this host (${file})`, {
        remedy: "stop it first; two would act on the same Redis",
      });
    });
  }
  for (const { log } of places.slice(0, 1)) raisePriority(log);
  const guards = places.map(({ charge }) => new Guard(charge));
  const { listen } = places.map(({ charge }) => charge.cluster.agent).find(({ listen }) => listen !== undefined) ?? {};
  if (listen !== undefined) {
    await serveHealth(listen, () => guards.map(({ status }) => status)).catch(({ message }: Error) => {
      // Whoever has the port, the data needs its guard.
      const remedy = "free the address or change agent.listen, then restart the agent";
      for (const { log } of places) log.error("no health over HTTP", { listen, error: message, remedy });
    });
  }
  await standGuard(guards, places, (file) => placeOf(file, values));
  for (const { log } of places) await log.close();
  return 0;
}

async function placeOf(file: string, values: Values): Promise<Place> {
  const nodeIn = (cluster: Cluster) => localNode(cluster, textOf(values.node));
  const { cluster, broken } = await loadOrLastGood(file, nodeIn);
  const node = nodeIn(cluster);
  const password = readPassword(cluster);
  const options = {
    file: pathsOf(cluster).log,
    level: (textOf(values["log-level"]) ?? "info") as Level,
    origin: { node: node.name, cluster: cluster.name, executable: "agent" },
    secrets: password ? [password] : [],
  };
  const log = openLog(options, logDelay_ms);
  if (broken) log.error("the cluster file is broken, going on with the last good one", { error: broken.message });
  return { file, broken: broken?.message, charge: { cluster, node, password, log }, log };
}
