import { isMainThread } from "node:worker_threads";
import { runDrill } from "../src/admin/drill/drill.ts";
import { drillLines } from "../src/admin/drill/text.ts";
import { terminalAsk } from "../src/admin/init/ask.ts";
import { openAdmin } from "../src/admin/open-admin.ts";
import { wrap } from "../src/admin/status/columns.ts";
import { runCli } from "../src/cli/cli.ts";
import { CommandRefused, UsageError } from "../src/cluster/errors.ts";
import type { DrillReport } from "../src/model/drill.ts";

const width = 80;

// Its probe client is a thread of this file.
if (isMainThread)
  void runCli({
    name: "drill",
    summary:
      "A failover on the real pair, on purpose: moves the role to the replica and back while a client writes, and measures what that costs.",
    options: (argv) =>
      argv
        .option("kill-redis", {
          type: "boolean",
          default: false,
          describe: "kill the master's Redis in place of the first move; run it on the master",
        })
        .option("yes", { type: "boolean", default: false, describe: "kill it without asking" })
        .option("dry-run", { type: "boolean", default: false, describe: "make all checks, change nothing" })
        .option("json", { type: "boolean", default: false, describe: "print the report as JSON" }),
    async run(options) {
      const { json, yes, "kill-redis": killRedis, "dry-run": dryRun } = options;
      if (yes && !killRedis) throw new UsageError("--yes goes with --kill-redis");
      const ask = terminalAsk();
      if (killRedis && !yes && !dryRun && !ask)
        throw new UsageError("--kill-redis asks first, and this is no terminal", { remedy: "add --yes" });
      const confirm = async (question: string) => {
        if (yes) return;
        const said = await ask?.(`${question}? Clients wait, and may lose the last writes (yes/no)`, undefined);
        if (said !== "yes") throw new CommandRefused("nothing was killed", { remedy: "answer yes, or add --yes" });
      };
      const admin = await openAdmin("drill", options);
      try {
        const { report, remedy } = await runDrill({ ...admin, killRedis, dryRun, confirm });
        if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
        else if (!dryRun) print(report);
        if (report.result === "failed" || report.result === "lost")
          throw new CommandRefused(report.conclusion, { remedy });
        return 0;
      } finally {
        await admin.close();
      }
    },
  });

function print(report: DrillReport): void {
  const { result, conclusion } = report;
  const good = result === "good" || result === "slow";
  const lines = ["", ...drillLines(report, width), ...(good ? wrap(`${result}: ${conclusion}`, width) : [])];
  for (const line of lines) process.stdout.write(`${line}\n`);
}
