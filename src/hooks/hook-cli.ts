import { planInWords, runHook } from "./hook.ts";
import { tell } from "../failover/notify-command.ts";
import { loadOrLastGood } from "../cluster/last-good.ts";
import { localNode } from "../cluster/local-node.ts";
import { readPassword } from "../cluster/password.ts";
import { clusterFile, pathsOf } from "../cluster/paths.ts";
import type { Cluster } from "../cluster/schema.ts";
import type { Transition } from "../decide/transition.ts";
import { openLog } from "../log/log.ts";
import type { Level } from "../log/log-line.ts";
import { runPlain, textOf } from "../cli/plain-cli.ts";

/** The command line of a notify hook: the four differ in nothing but the transition. */
export function hookCli(transition: Transition, summary: string): void {
  const name = `notify-${transition.toLowerCase()}`;
  runPlain({
    name,
    summary,
    options: {
      "dry-run": { about: "print the plan, change nothing" },
      json: { about: "with --dry-run: the plan as JSON" },
      "allow-data-loss": { about: "serve a data set that isn't known to be complete" },
      repair: {},
    },
    async run(values) {
      const nodeIn = (cluster: Cluster) => localNode(cluster, textOf(values.node));
      const { cluster, broken } = await loadOrLastGood(textOf(values.cluster) ?? clusterFile(), nodeIn);
      const node = nodeIn(cluster);
      const paths = pathsOf(cluster);
      const origin = { node: node.name, cluster: cluster.name, executable: name };
      const password = readPassword(cluster);
      const log = openLog({
        file: paths.log,
        level: (textOf(values["log-level"]) ?? "info") as Level,
        origin,
        secrets: password ? [password] : [],
      });
      try {
        if (broken) log.error("the cluster file is broken, going on with the last good one", { error: broken.message });
        const dryRun = values["dry-run"] === true;
        const allowDataLoss = values["allow-data-loss"] === true;
        const hook = {
          transition,
          cluster,
          node,
          password,
          paths,
          log,
          allowDataLoss,
          dryRun,
          repair: values.repair === true,
        };
        const outcome = await runHook(hook);
        if (dryRun) process.stdout.write(`${values.json ? JSON.stringify(outcome.plans) : planInWords(outcome)}\n`);
        else await tell(hook, outcome);
        if (outcome.result === "refused" || outcome.result === "failed") {
          process.stderr.write(`${name}: ${outcome.why}\n${outcome.wayOut ? `  ${outcome.wayOut}\n` : ""}`);
          return 1;
        }
        return 0;
      } finally {
        await log.close();
      }
    },
  });
}
