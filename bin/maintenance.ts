import { runCli } from "../src/cli/cli.ts";
import { startUp } from "../src/cli/start-up.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { holdsVip } from "../src/keepalived/virtual-ip.ts";
import { openLog } from "../src/log/log.ts";
import { endMaintenance, maintenanceInWords, startMaintenance } from "../src/state/maintenance.ts";

const noFailover =
  "This node has the virtual IP: if its Redis stops or restarts now, no node is master until maintenance ends. To avoid that: `maintenance off`, `switchover`, and `maintenance on` again.";

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
    const { cluster: file, node, "log-level": logLevel } = options;
    if ((word !== "on" && word !== "off" && word !== "status") || more.length > 0)
      throw new UsageError("say `maintenance on`, `maintenance off` or `maintenance status`");
    const until = options.until === undefined ? undefined : momentOf(options.until);
    const asked = { executable: "maintenance", cluster: file, node, logLevel, whenBroken: "fail" } as const;
    const started = await startUp(asked, openLog);
    try {
      const { cluster, log, paths } = started;
      if (word === "status") {
        process.stdout.write(`${maintenanceInWords(paths.maintenance, Date.now())}\n`);
        return 0;
      }
      if (word === "off") endMaintenance(paths.maintenance);
      else startMaintenance(paths.maintenance, until);
      log.warn("maintenance", `maintenance is ${word}`, { until: until?.toISOString() });
      if (word === "on")
        process.stdout.write(`on${until ? `, until ${until.toISOString()}` : "; `maintenance off` ends it"}\n`);
      if (word === "on" && holdsVip(cluster)) process.stdout.write(`${noFailover}\n`);
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
