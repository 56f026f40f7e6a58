import { openAdmin } from "../src/admin/open-admin.ts";
import { runSwitchover } from "../src/admin/switchover.ts";
import { withUserErrors } from "../src/admin/user-errors.ts";
import { runCli } from "../src/cli/cli.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { holdsVip } from "../src/keepalived/virtual-ip.ts";

const deadline_ms = 20_000;

void runCli({
  name: "switchover",
  summary: "A planned change of master: the virtual IP and the role move to another node, nothing is lost.",
  options: (argv) =>
    argv
      .option("to", { type: "string", requiresArg: true, describe: "the new master (default: the freshest replica)" })
      .option("away", {
        type: "boolean",
        default: false,
        describe: "only if this node is master; for ExecStop of Keepalived's unit",
      })
      .option("dry-run", { type: "boolean", default: false, describe: "make all checks, change nothing" })
      .option("json", { type: "boolean", default: false, describe: "print the report as JSON" }),
  async run(options) {
    const { to, json, away, "dry-run": dryRun } = options;
    const admin = await openAdmin("switchover", options);
    try {
      if (to !== undefined && !admin.cluster.nodes.some(({ name }) => name === to)) {
        throw new UsageError(`no node "${to}"`, {
          remedy: `the nodes are ${admin.cluster.nodes.map(({ name }) => name).join(", ")}`,
        });
      }
      if (away && !holdsVip(admin.cluster)) return 0;
      const report = await withUserErrors(runSwitchover({ ...admin, to, dryRun }, deadline_ms));
      if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
      return 0;
    } finally {
      await admin.close();
    }
  },
});
