import { planInWords, runHook } from "./act/hook.ts";
import { tell } from "./act/on-transition.ts";
import { runCli } from "./cli.ts";
import { loadOrLastGood } from "./cluster/last-good.ts";
import { localNode } from "./cluster/local-node.ts";
import { readPassword } from "./cluster/password.ts";
import { pathsOf } from "./cluster/paths.ts";
import type { Transition } from "./decide/transition.ts";
import { openLog } from "./log.ts";

/** The command line of a notify hook: the four differ in nothing but the transition. */
export function hookCli(transition: Transition, summary: string): void {
  const name = `notify-${transition.toLowerCase()}`;
  void runCli({
    name,
    summary,
    options: (argv) =>
      argv
        .option("dry-run", { type: "boolean", default: false, describe: "print the plan, change nothing" })
        .option("json", { type: "boolean", default: false, describe: "with --dry-run: the plan as JSON" })
        .option("repair", { type: "boolean", default: false, hidden: true })
        .option("allow-data-loss", {
          type: "boolean",
          default: false,
          describe: "serve a data set that isn't known to be complete",
        }),
    async run(options) {
      const { cluster, broken } = await loadOrLastGood(options.cluster);
      const node = localNode(cluster, options.node);
      const paths = pathsOf(cluster);
      const origin = { node: node.name, cluster: cluster.name, executable: name };
      const password = readPassword(cluster);
      const log = openLog({
        file: paths.log,
        level: options["log-level"],
        origin,
        secrets: password ? [password] : [],
      });
      try {
        if (broken) log.error("the cluster file is broken, going on with the last good one", { error: broken.message });
        const { "dry-run": dryRun, "allow-data-loss": allowDataLoss } = options;
        const hook = { transition, cluster, node, password, paths, log, allowDataLoss, dryRun, repair: options.repair };
        const outcome = await runHook(hook);
        if (dryRun) process.stdout.write(`${options.json ? JSON.stringify(outcome.plans) : planInWords(outcome)}\n`);
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
