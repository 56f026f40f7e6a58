import { clusterName } from "./cluster-file.ts";
import { binFolder, type Server } from "./server.ts";

/** Lines of redis.conf in which `doctor` finds nothing wrong. */
export const goodRedisConf: readonly string[] = [
  "repl-backlog-size 64mb",
  "repl-diskless-sync-delay 0",
  "lazyfree-lazy-user-del yes",
  "lazyfree-lazy-user-flush yes",
  "replica-lazy-flush yes",
];

export const tmpfilesPath = `/etc/tmpfiles.d/keepalived-redis-${clusterName}.conf`;
export const logrotatePath = `/etc/logrotate.d/keepalived-redis-${clusterName}`;

/** Installs the files that the lab has no use for, and that `doctor` looks at. */
export async function addGeneratedFiles(server: Server, profile: "hooks" | "agent"): Promise<void> {
  for (const [option, file] of [
    ["--tmpfiles", tmpfilesPath],
    ["--logrotate", logrotatePath],
  ] as const) {
    await server.must(["mkdir", "-p", file.replace(/\/[^/]*$/, "")]);
    await server.must([`${binFolder}/generate-config`, "--profile", profile, option, "--output", file]);
  }
}
