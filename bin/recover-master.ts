import { openAdmin } from "../src/admin/open-admin.ts";
import { recover } from "../src/admin/recover.ts";
import { withUserErrors } from "../src/admin/user-errors.ts";
import { runCli } from "../src/cli/cli.ts";

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
      .option("dry-run", { type: "boolean", default: false, describe: "make all checks, change nothing" })
      .option("json", { type: "boolean", default: false, describe: "print the report as JSON" }),
  async run(options) {
    const { json, failback, "dry-run": dryRun } = options;
    const admin = await openAdmin("recover-master", options);
    try {
      const report = await withUserErrors(recover({ ...admin, failback, dryRun }));
      if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
      return 0;
    } finally {
      await admin.close();
    }
  },
});
