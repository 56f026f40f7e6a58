import { resolve } from "node:path";
import { init } from "../src/admin/init/init.ts";
import { undo } from "../src/admin/init/undo.ts";
import { openAdmin } from "../src/admin/open-admin.ts";
import { withUserErrors } from "../src/admin/user-errors.ts";
import { parserConfiguration, runCli } from "../src/cli/cli.ts";
import { UsageError } from "../src/cluster/errors.ts";
import { folderBeside } from "../src/keepalived/requirements.ts";

void runCli({
  name: "init",
  summary:
    "Makes a node of a cluster out of a Redis that runs alone: asks, shows every change, installs all files, and serves the data that are here.",
  options: (argv) =>
    argv
      // --node may be given more than once.
      .parserConfiguration(parserConfiguration)
      .option("node", { type: "string", requiresArg: true, describe: "NAME=ADDRESS of a node; once for each" })
      .option("name", { type: "string", requiresArg: true, describe: "name of the cluster" })
      .option("vip", { type: "string", requiresArg: true, describe: "the virtual IP" })
      .option("interface", { type: "string", requiresArg: true, describe: "the network interface of the virtual IP" })
      .option("router-id", { type: "string", requiresArg: true, describe: "the VRRP router id, 1 to 255" })
      .option("profile", { choices: ["hooks", "agent"] as const, describe: "who does the work (default: agent)" })
      .option("port", { type: "number", requiresArg: true, describe: "the port of Redis" })
      .option("password-file", { type: "string", requiresArg: true, describe: "a file with the password of Redis" })
      .option("no-password", { type: "boolean", default: false, describe: "Redis has no password" })
      .option("redis-conf", { type: "string", requiresArg: true, describe: "redis.conf of the local Redis" })
      .option("redis-unit", { type: "string", requiresArg: true, describe: "the systemd unit of Redis" })
      .option("join", { type: "string", requiresArg: true, describe: "the word that init printed on the first node" })
      .option("adopt", { type: "boolean", default: false, describe: "the data of this node are the ones to serve" })
      .option("undo", { type: "boolean", default: false, describe: "put back what init has changed on this node" })
      .option("yes", { type: "boolean", default: false, describe: "take what is proposed, and ask nothing" })
      .option("dry-run", { type: "boolean", default: false, describe: "show the changes, and make none" })
      .option("root", {
        type: "string",
        requiresArg: true,
        default: "/",
        describe: "write the files below this folder, as for an image, and start nothing",
      })
      .option("bin-dir", {
        type: "string",
        requiresArg: true,
        describe: "the folder of the executables (default: beside this one)",
      }),
  async run(options) {
    const twice = Object.entries(options).find(([key, value]) => Array.isArray(value) && key !== "node");
    if (twice) throw new UsageError(`--${twice[0]} is given twice`);
    const print = (text: string) => void process.stdout.write(text);
    const [path, root] = [resolve(options.cluster), resolve(options.root)];
    if (options.undo) {
      const done = (sentence: string) => print(`  ok    ${sentence}\n`);
      await withUserErrors(undo({ path, root, yes: options.yes, done }));
      return 0;
    }
    const bin = options["bin-dir"] === undefined ? folderBeside(process.argv[1] ?? "") : resolve(options["bin-dir"]);
    const nodes = options.node === undefined ? [] : [options.node].flat();
    const flags = { ...options, nodes, path, root, bin };
    const openContext = () => openAdmin("init", { ...options, cluster: path, node: undefined, json: false });
    await withUserErrors(init({ flags, dryRun: options["dry-run"], print, openContext }));
    return 0;
  },
});
