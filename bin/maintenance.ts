import { runCli } from "../src/cli/cli.ts";
import { startUp } from "../src/cli/start-up.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { openLog } from "../src/log/log.ts";
import { endMaintenance, maintenanceInWords, startMaintenance } from "../src/state/maintenance.ts";

void runCli({
  name: "maintenance",
  summary:
    "maintenance on|off|status: suspends failover on this node; while it is on, hooks, monitor and agent change nothing.",
  words: true,
  options: (argv) =>
    argv.option("until", {
      type: "string",
      requiresArg: true,
      describe: "on: end by itself: a time such as 2026-12-31T18:00, or minutes from now such as 30m",
    }),
  async run(options, [word, ...more]) {
    const { cluster, node, "log-level": logLevel } = options;
    if ((word !== "on" && word !== "off" && word !== "status") || more.length > 0)
      throw new UsageError("say `maintenance on`, `maintenance off` or `maintenance status`");
    const until = options.until === undefined ? undefined : momentOf(options.until);
    const started = await startUp({ executable: "maintenance", cluster, node, logLevel, whenBroken: "fail" }, openLog);
    try {
      const { log, paths } = started;
      if (word === "status") {
        process.stdout.write(`${maintenanceInWords(paths.maintenance, Date.now())}\n`);
        return 0;
      }
      if (word === "off") endMaintenance(paths.maintenance);
      else startMaintenance(paths.maintenance, until);
      log.warn("maintenance", `maintenance is ${word}`, { until: until?.toISOString() });
      if (word === "on")
        process.stdout.write(`on${until ? `, until ${until.toISOString()}` : "; `maintenance off` ends it"}\n`);
      return 0;
    } finally {
      await started.log.close();
    }
  },
});

function momentOf(text: string): Date {
  const minutes = /^(\d+)m$/.exec(text)?.[1];
  const moment = minutes === undefined ? new Date(text) : new Date(Date.now() + Number(minutes) * 60_000);
  if (Number.isNaN(moment.getTime()))
    throw new UsageError(`--until ${text} is no time`, { remedy: "such as 2026-12-31T18:00 or 30m" });
  if (moment.getTime() < Date.now()) throw new UsageError(`--until ${text} is in the past`);
  return moment;
}
