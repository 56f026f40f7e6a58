import type { NodeContext } from "../cluster/context.ts";
import { Fifo } from "../keepalived/fifo.ts";
import type { OpenLog } from "../log/log.ts";
import { alignedTimer } from "../system/aligned-timer.ts";
import { terminationSignal } from "../system/signals.ts";
import type { ClusterAgent } from "./cluster-agent.ts";

/** A cluster file, loaded. */
export interface LoadedCluster {
  file: string;
  /** Why the file can't be used. The context is of the last good one then. */
  broken: string | undefined;
  context: NodeContext & { log: OpenLog };
}

const checkFiles_ms = 1000;

/**
 * Runs the cluster agents until SIGTERM or SIGINT. Keepalived has one FIFO for all of its instances; each line is passed to the
 * agent of the cluster that it names. SIGHUP reloads the cluster files; a broken one changes nothing.
 */
export async function runAgents(
  agents: readonly ClusterAgent[],
  clusters: readonly LoadedCluster[],
  load: (file: string) => Promise<LoadedCluster>,
): Promise<void> {
  const signal = terminationSignal();
  await Promise.all(agents.map((agent) => agent.start()));
  const fifos = [...new Set(agents.map(({ context }) => context.paths.fifo))].map(
    (path) =>
      new Fifo(path, {
        heard: ({ instance, state }) => {
          for (const agent of agents)
            if (agent.context.cluster.name === instance) agent.post({ on: "vrrp-line", state });
        },
        silent: () => {
          for (const agent of agents) agent.post({ on: "fifo-closed" });
        },
      }),
  );
  for (const fifo of fifos) fifo.open();
  const endChecks = alignedTimer(checkFiles_ms, () => {
    for (const fifo of fifos) fifo.checkFile();
  });
  process.on("SIGHUP", () => {
    for (const [index, { file }] of clusters.entries()) void reload(agents[index] as ClusterAgent, file, load);
  });
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  endChecks();
  for (const fifo of fifos) fifo.close();
  await Promise.all(agents.map((agent) => agent.stop()));
}

async function reload(
  agent: ClusterAgent,
  file: string,
  load: (file: string) => Promise<LoadedCluster>,
): Promise<void> {
  const { log, cluster } = agent.context;
  try {
    const { context, broken } = await load(file);
    await context.log.close();
    if (broken !== undefined) throw new Error(broken);
    if (context.cluster.name !== cluster.name || context.cluster.paths.state !== cluster.paths.state)
      throw new Error("its name and paths can't change while the agent runs: restart the agent");
    agent.reload({ ...context, log });
    log.info("cluster-file-read", "the cluster file was reloaded");
  } catch (error) {
    log.error("cluster-file-refused", "the cluster file was not reloaded: the agent keeps the old one", {
      file,
      error: (error as Error).message,
    });
  }
}
