import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { runCli } from "../src/cli/cli.ts";
import { writeOutput } from "../src/cli/output-file.ts";
import { loadCluster } from "../src/cluster/load.ts";
import { localNode } from "../src/cluster/local-node.ts";
import { missingPassword, passwordWarning, readPassword } from "../src/cluster/password.ts";
import { defaultCluster } from "../src/cluster/paths.ts";
import type { Cluster } from "../src/cluster/schema.ts";
import { fractionsSince } from "../src/decide/check-times.ts";
import { type File, render } from "../src/keepalived/render.ts";
import {
  folderBeside,
  fractionOf,
  requireExecutables,
  requireInterface,
  requireKeepalived,
  requirePlain,
} from "../src/keepalived/requirements.ts";
import type { RenderInput } from "../src/keepalived/template.ts";
import { hostAddresses } from "../src/system/host-addresses.ts";

const nextStep: Record<File, (output: string) => string> = {
  keepalived: (output) => `keepalived -t -f ${output}, and when it is content: systemctl reload keepalived`,
  redis: (output) =>
    `chown redis ${output}, include it at the end of redis.conf, with the passwords, and restart Redis`,
  acl: (output) =>
    `chown redis ${output}, include ${output} at the end of redis.conf, add masterauth with the password, and restart Redis`,
  sentinel: (output) =>
    `chown redis ${output}, copy it to all three machines, and start Sentinel by the steps of docs/outgrow.md`,
  tmpfiles: (output) => `systemd-tmpfiles --create ${output}`,
  sysusers: (output) => `systemd-sysusers ${output}`,
  systemd: () => "systemctl daemon-reload",
  logrotate: (output) => `logrotate --debug ${output}`,
  "agent-service": () => "systemctl daemon-reload && systemctl enable --now keepalived-redis-agent",
};
const others = ["redis", "acl", "sysusers", "tmpfiles", "systemd", "logrotate", "agent-service", "sentinel"] as const;

void runCli({
  name: "generate-config",
  summary: "Prints keepalived.conf for one node of the cluster, or another file that the node needs.",
  logs: false,
  options: (argv) =>
    argv
      .option("profile", {
        choices: ["hooks", "agent"] as const,
        default: "hooks" as const,
        describe: "who does the work: Keepalived's hooks, or the agent beside it",
      })
      .option("output", { type: "string", requiresArg: true, describe: "write this file, in one go, instead" })
      .option("bin-dir", {
        type: "string",
        requiresArg: true,
        describe: "the folder of the executables (default: beside this one)",
      })
      .option("redis", { type: "boolean", describe: "the lines for redis.conf" })
      .option("acl", { type: "boolean", describe: "the user of redis.username, with its rights, for redis.conf" })
      .option("sysusers", { type: "boolean", describe: "the file for sysusers.d: the user of the agent" })
      .option("tmpfiles", { type: "boolean", describe: "the file for tmpfiles.d" })
      .option("systemd", { type: "boolean", describe: "the drop-in for keepalived.service" })
      .option("logrotate", { type: "boolean", describe: "the file for logrotate.d" })
      .option("agent-service", { type: "boolean", describe: "the unit of the agent" })
      .option("sentinel", {
        type: "boolean",
        describe: "sentinel.conf for Redis Sentinel; the node is the present master",
      })
      .conflicts(Object.fromEntries(others.map((one, index) => [one, others.slice(index + 1)]))),
  async run({ cluster: path, node: name, output, profile, "bin-dir": binDir, ...flags }) {
    const { cluster } = loadCluster(path);
    const node = localNode(cluster, name);
    const here = hostAddresses().includes(node.address);
    const file = others.find((other) => flags[other]) ?? "keepalived";
    const clusterFile = resolve(path) === defaultCluster ? undefined : resolve(path);
    const bin = binDir === undefined ? folderBeside(process.argv[1] ?? "") : resolve(binDir);
    const needsPassword = file === "acl" || (file === "sentinel" && output !== undefined);
    const redisPassword = needsPassword ? readPassword(cluster) : undefined;
    const place = { cluster, node, profile, bin, clusterFile, redisPassword };
    const warning = here ? (missingPassword(cluster) ?? passwordWarning(cluster)) : undefined;
    if (warning) tell(warning);
    // Those that start our executables as root.
    if (["keepalived", "systemd", "agent-service"].includes(file)) requirements(place, here);
    if (file === "keepalived") await keepalivedOf(place, here);
    const text = render[file](place);
    if (output === undefined) process.stdout.write(text);
    else {
      writeOutput(output, text, isSecret(file, cluster) ? 0o600 : 0o644);
      if (here) tell(`next: ${nextStep[file](output)}`);
    }
    return 0;
  },
});

/**
 * keepalived.conf may hold the VRRP password, sentinel.conf that of Redis, and the ACL user has a hash of it; the operator writes passwords into
 * the lines for redis.conf. The others must be readable by their programs.
 */
function isSecret(file: File, { vip }: Cluster): boolean {
  return ["acl", "redis", "sentinel"].includes(file) || (file === "keepalived" && vip.auth_password !== undefined);
}

function requirements({ bin, clusterFile, cluster, node }: RenderInput, here: boolean): void {
  for (const path of [bin, ...(clusterFile ? [clusterFile] : [])]) requirePlain(path);
  if (here) requireInterface(cluster, node);
  // A configuration for another host may name a folder that only that one has.
  if (here || existsSync(bin)) requireExecutables(bin);
  else tell(`there is no ${bin} on this host, so nobody looked at the executables in it`);
}

async function keepalivedOf({ cluster, node, profile }: RenderInput, here: boolean): Promise<void> {
  if (here) return requireKeepalived(cluster, profile);
  const wanted = fractionOf(cluster, profile);
  if (wanted) tell(`nobody looked at the Keepalived of ${node.name}: ${wanted} needs ${fractionsSince} or newer`);
}

function tell(line: string): void {
  process.stderr.write(`generate-config: ${line}\n`);
}
