import { existsSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { defaultCluster, runCli } from "../src/cli.ts";
import { Refusal } from "../src/cluster/errors.ts";
import { loadCluster } from "../src/cluster/load.ts";
import { localNode } from "../src/cluster/local-node.ts";
import { renderKeepalived, renderRedis, renderTmpfiles } from "../src/keepalived/render.ts";
import { insecurity } from "../src/keepalived/script-security.ts";

const executables = ["monitor", "notify-master", "notify-backup", "notify-fault", "notify-stop"];

void runCli({
  name: "generate-config",
  summary: "Prints keepalived.conf for one node of the cluster.",
  options: (argv) =>
    argv
      .option("profile", {
        choices: ["hooks", "agent"] as const,
        default: "hooks" as const,
        describe: "who does the work: Keepalived's hooks, or the agent beside it",
      })
      .option("output", {
        type: "string",
        requiresArg: true,
        describe: "write to this file (default: standard output)",
      })
      .option("bin-dir", {
        type: "string",
        requiresArg: true,
        describe: "where the executables are (default: beside this one)",
      })
      .option("redis", { type: "boolean", describe: "print the lines for redis.conf instead" })
      .option("tmpfiles", { type: "boolean", describe: "print the lines for tmpfiles.d instead" })
      .conflicts("redis", "tmpfiles"),
  async run({ cluster: file, node: name, profile, output, "bin-dir": binDir, redis, tmpfiles }) {
    const { cluster } = loadCluster(file);
    const node = localNode(cluster, name);
    const bin = resolve(binDir ?? dirname(__filename));
    const clusterFile = resolve(file) === defaultCluster ? undefined : resolve(file);
    if (!redis && !tmpfiles && (existsSync(bin) || binDir === undefined)) secure(bin);
    const text = redis
      ? renderRedis({ cluster, node })
      : tmpfiles
        ? renderTmpfiles({ cluster })
        : renderKeepalived({ cluster, node, profile, bin, clusterFile });
    if (output === undefined) process.stdout.write(text);
    else replaceFile(output, text);
    return 0;
  },
});

// Where the folder isn't on this host, the configuration is for another one, and nothing can be checked here.
function secure(bin: string): void {
  for (const executable of executables) {
    const problem = insecurity(join(bin, executable));
    if (problem) {
      throw new Refusal(`Keepalived must not run ${join(bin, executable)} as root: ${problem}`, {
        hint: "install the executables in a folder of root's, such as /usr/local/lib/keepalived-redis, or name one with --bin-dir",
      });
    }
  }
}

// It may hold the VRRP password, and Keepalived may be reading it just now.
function replaceFile(file: string, text: string): void {
  const fresh = `${file}.new`;
  try {
    writeFileSync(fresh, text, { mode: 0o600 });
    renameSync(fresh, file);
  } catch (error) {
    throw new Refusal(`can't write ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
