import { loadCluster } from "../cluster/load.ts";
import { localNode } from "../cluster/local-node.ts";
import { readPassword } from "../cluster/password.ts";
import { pathsOf } from "../cluster/paths.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import { openLog } from "../log/log.ts";
import type { Level } from "../log/log-line.ts";
import { openClient } from "../redis/ioredis-session.ts";
import { interruptible } from "../system/signals.ts";
import { teller } from "./reporter.ts";

interface Options {
  cluster: string;
  node: string | undefined;
  "log-level": Level;
  json: boolean;
}

/** What recover-master and switchover need, from their options. To be closed before the process ends. */
export async function openAdmin(executable: string, options: Options) {
  const { cluster } = loadCluster(options.cluster);
  const node = localNode(cluster, options.node);
  const password = readPassword(cluster);
  const paths = pathsOf(cluster);
  const origin = { node: node.name, cluster: cluster.name, executable };
  const log = openLog({ file: paths.log, level: options["log-level"], origin, secrets: password ? [password] : [] });
  return {
    cluster,
    node,
    password,
    paths,
    log,
    holder: holdsVip(cluster),
    open: openClient,
    tell: teller(process.stdout, options.json, log),
    allowDataLoss: cluster.failover.allow_data_loss,
    proceed: interruptible(),
    close: () => log.close(),
  };
}
