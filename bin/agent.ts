import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { type LoadedCluster, runAgents } from "../src/agent/agent-main.ts";
import { ClusterAgent } from "../src/agent/cluster-agent.ts";
import { serveHealth } from "../src/agent/http.ts";
import { metricsFacts } from "../src/agent/metrics-facts.ts";
import { levelOf, runPlain, textOf, textsOf, type Values } from "../src/cli/plain-cli.ts";
import { startUp } from "../src/cli/start-up.ts";
import { CommandRefused } from "../src/cluster/errors.ts";
import { clusterFile, type Paths } from "../src/cluster/paths.ts";
import { folderProblem } from "../src/keepalived/folder-problem.ts";
import { openLog } from "../src/log/log.ts";
import { hostReport } from "../src/state/host-report.ts";
import { keptFiles, withoutKeyNames } from "../src/state/kept-files.ts";
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
  const clusters = await Promise.all(files.map((file) => load(file, values)));
  for (const { context } of clusters) requireAccess(context.paths);
  for (const { context, file } of clusters) await onlyAgent(context.paths.agentLock, context.cluster.name, file);
  const logs = clusters.map(({ context }) => context.log);
  for (const log of logs.slice(0, 1)) raisePriority(log);
  const agents = clusters.map(({ context }) => new ClusterAgent(context));
  const listen = clusters.map(({ context }) => context.cluster.agent.listen).find((address) => address !== undefined);
  if (listen !== undefined) {
    const statuses = () => agents.map(({ status }) => status);
    const kept = () =>
      agents.map(({ context: { cluster, node, paths } }) => ({
        cluster: cluster.name,
        node: node.name,
        files: keptFiles(paths.quarantine).map(withoutKeyNames),
      }));
    const hosts = () =>
      agents.map(({ context, status: { cluster, node, peers } }) => {
        const report = hostReport(context);
        return { cluster, node, ...report, keepalived_problem: report.keepalived_problem ?? folderProblem(), peers };
      });
    const metrics = () => Promise.all(agents.map(({ context, status, open }) => metricsFacts(context, status, open)));
    await serveHealth(listen, { statuses, kept, hosts, metrics }).catch(({ message: error }: Error) => {
      // Whoever has the port, the data needs its agent.
      const remedy = "free the address or change agent.listen, then restart the agent";
      for (const log of logs) log.error("http-failed", "no health over HTTP", { listen, error, remedy });
    });
  }
  await runAgents(agents, clusters, (file) => load(file, values));
  for (const log of logs) await log.close();
  return 0;
}

/**
 * Throws a CommandRefused unless this user may do its work: while a heartbeat is fresh the hooks leave everything to the agent, so one that
 * can't read what Keepalived says must not have any.
 */
function requireAccess({ state, fifo }: Paths): void {
  try {
    mkdirSync(state, { recursive: true, mode: 0o755 });
    accessSync(state, constants.W_OK | constants.X_OK);
    if (existsSync(fifo)) accessSync(fifo, constants.R_OK);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    throw new CommandRefused(`the user of the agent has no access to ${path} (${code})`, {
      remedy:
        "systemd-tmpfiles --create with the file of generate-config --profile agent --tmpfiles gives it to keepalived-redis",
    });
  }
}

/** Held until this process ends, however it ends. */
async function onlyAgent(lock: string, cluster: string, file: string): Promise<void> {
  await takeLock(lock, 0).catch(() => {
    throw new CommandRefused(`another agent runs for ${cluster} on this host (${file})`, {
      remedy: "stop it first; two would act on the same Redis",
    });
  });
}

async function load(file: string, values: Values): Promise<LoadedCluster> {
  const node = textOf(values.node);
  const { broken, ...context } = await startUp(
    { executable: "agent", cluster: file, node, logLevel: levelOf(values), whenBroken: "log" },
    (options) => openLog(options, logDelay_ms),
  );
  return { file, broken: broken?.message, context };
}
