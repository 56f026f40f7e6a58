import type { NodeContext } from "../cluster/context.ts";
import { UsageError } from "../cluster/errors.ts";
import { loadOrLastGood } from "../cluster/last-good.ts";
import { localNode } from "../cluster/local-node.ts";
import { readPassword } from "../cluster/password.ts";
import { clusterFile, pathsOf } from "../cluster/paths.ts";
import type { Cluster } from "../cluster/schema.ts";
import type { OpenLog } from "../log/log.ts";
import type { LogOptions } from "../log/log-sinks.ts";
import type { Level } from "../model/log.ts";

/** The options that all executables need to start. */
export interface StartOptions {
  executable: string;
  cluster: string | undefined;
  node: string | undefined;
  logLevel: Level | undefined;
  /**
   * What to do about a broken cluster file. `fail`: throw it, for a person at the terminal. `log`: log it, and use the last good
   * one. `report`: use the last good one and return the error, also of a broken password file (the monitor runs every second).
   */
  whenBroken: "fail" | "log" | "report";
  /** The addresses of this host, if they were read already. */
  addresses?: string[] | undefined;
}

export interface Started extends NodeContext {
  log: OpenLog;
  /** Why the cluster file, or the password file, can't be used. */
  broken: UsageError | undefined;
}

/**
 * The start of every executable that acts on a node: reads cluster file and password, finds the local node, opens the log.
 * Throws a UsageError if one of them is missing. The log must be closed before the process ends.
 */
export async function startUp(options: StartOptions, openLog: (options: LogOptions) => OpenLog): Promise<Started> {
  const { executable, whenBroken } = options;
  const nodeIn = (cluster: Cluster) => localNode(cluster, options.node, options.addresses);
  const file = options.cluster ?? clusterFile();
  const { cluster, broken } = await loadOrLastGood(file, nodeIn);
  if (broken && whenBroken === "fail") throw broken;
  const node = nodeIn(cluster);
  const { password, unusable } = passwordOf(cluster, whenBroken);
  const paths = pathsOf(cluster);
  const log = openLog({
    file: paths.log,
    level: options.logLevel ?? "info",
    origin: { node: node.name, cluster: cluster.name, executable },
    secrets: password === undefined ? [] : [password],
  });
  if (broken && whenBroken === "log")
    log.error("cluster-file-broken", "the cluster file is broken: using the last good one", {
      error: broken.message,
    });
  return { file, cluster, node, password, paths, log, broken: broken ?? unusable };
}

function passwordOf(cluster: Cluster, whenBroken: StartOptions["whenBroken"]) {
  try {
    return { password: readPassword(cluster), unusable: undefined };
  } catch (error) {
    // Redis then rejects our login, which the health check counts as fit: a running server keeps the virtual IP.
    if (!(error instanceof UsageError) || whenBroken !== "report") throw error;
    return { password: undefined, unusable: error };
  }
}
