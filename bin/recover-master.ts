import { runCli } from "../src/cli.ts";
import { loadCluster } from "../src/cluster/load.ts";
import { localNode } from "../src/cluster/local-node.ts";
import { readPassword } from "../src/cluster/password.ts";
import { pathsOf } from "../src/cluster/paths.ts";
import { openLog } from "../src/log.ts";
import { interruptible, recover } from "../src/recover/recover.ts";
import { teller } from "../src/recover/teller.ts";
import { openClient } from "../src/redis/client.ts";

void runCli({
  name: "recover-master",
  summary:
    "Brings this node back as a replica of the master that took over: starts Redis, copies, verifies, joins the election.",
  options: (argv) =>
    argv
      .option("failback", {
        type: "boolean",
        default: false,
        describe: "then take the master role and the virtual IP back, nothing lost",
      })
      .option("dry-run", {
        type: "boolean",
        default: false,
        describe: "make all checks, say what would be done, change nothing",
      })
      .option("json", { type: "boolean", default: false, describe: "print the report as JSON" }),
  async run(options) {
    const { cluster } = loadCluster(options.cluster);
    const node = localNode(cluster, options.node);
    const password = readPassword(cluster);
    const paths = pathsOf(cluster);
    const origin = { node: node.name, cluster: cluster.name, executable: "recover-master" };
    const log = openLog({ file: paths.log, level: options["log-level"], origin, secrets: password ? [password] : [] });
    try {
      const { json, failback, "dry-run": dryRun } = options;
      const tell = teller(process.stdout, json, log);
      const quarantineFolder = paths.quarantine;
      const allowDataLoss = cluster.failover.allow_data_loss;
      const run = {
        cluster,
        node,
        password,
        paths,
        log,
        tell,
        failback,
        dryRun,
        open: openClient,
        quarantineFolder,
        allowDataLoss,
      };
      const report = await recover({ ...run, proceed: interruptible() });
      if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
      return 0;
    } finally {
      await log.close();
    }
  },
});
