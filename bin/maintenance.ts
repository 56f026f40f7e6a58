import { runCli } from "../src/cli/cli.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { loadCluster } from "../src/cluster/load.ts";
import { pathsOf } from "../src/cluster/paths.ts";
import { endMaintenance, startMaintenance } from "../src/state/maintenance.ts";

void runCli({
  name: "maintenance",
  summary: "maintenance on|off: while it is on, the hooks and the monitor of this node change nothing.",
  options: (argv) =>
    argv.option("until", {
      type: "string",
      requiresArg: true,
      describe: "end by itself: a time such as 2026-12-31T18:00, or minutes from now such as 30m",
    }),
  async run(options) {
    const { cluster } = loadCluster(options.cluster);
    const { maintenance } = pathsOf(cluster);
    const [word] = (options as unknown as { _: string[] })._;
    if (word !== "on" && word !== "off") throw new UsageError("say `maintenance on` or `maintenance off`");
    if (word === "off") endMaintenance(maintenance);
    else {
      const until = options.until === undefined ? undefined : momentOf(options.until);
      startMaintenance(maintenance, until);
      process.stdout.write(`on${until ? `, until ${until.toISOString()}` : "; `maintenance off` ends it"}\n`);
    }
    return 0;
  },
});

function momentOf(text: string): Date {
  const minutes = /^(\d+)m$/.exec(text)?.[1];
  const moment = minutes === undefined ? new Date(text) : new Date(Date.now() + Number(minutes) * 60_000);
  if (Number.isNaN(moment.getTime()))
    throw new UsageError(`--until ${text} is no time`, { remedy: "such as 2026-12-31T18:00 or 30m" });
  if (moment.getTime() < Date.now()) throw new UsageError(`--until ${text} is over already`);
  return moment;
}
