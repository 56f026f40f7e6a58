import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Port } from "../machine/network.ts";
import { type ClusterOptions, clusterFile, passwordPath, type RedisAccess } from "./cluster-file.ts";
import { answerSetgroups, answerSetgroupsPath, startKeepalivedScript } from "./keepalived-start.ts";
import { plainHookFiles, plainHooks, plainKeepalivedConf } from "./plain-keepalived.ts";
import { type RedisOptions, redisConf, startRedisScript } from "./redis-conf.ts";
import { binFolder, type Server } from "./server.ts";
import { startAgentPath, startAgentScript, startKeepalivedPath, startRedisPath } from "./services.ts";
import { tlsFiles } from "./tls.ts";

/** What is installed on each server. */
export interface Setup {
  cluster: ClusterOptions;
  redis: RedisOptions;
  /** hooks, agent: the product with a keepalived.conf of generate-config. plain: hooks of a few lines of shell instead. */
  profile: "hooks" | "agent" | "plain";
  /** Another keepalived.conf. */
  keepalivedConf?: ((node: Port, nodes: readonly Port[]) => string) | undefined;
  /** The folder of the executables; by default `dist/`. */
  dist?: string;
  /** More files, by path. Those in /opt and /usr get the run bit, and only root can read passwords. */
  files: Record<string, string>;
}

/** The executables of this checkout. */
export const built = fileURLToPath(new URL("../../../dist/", import.meta.url));
const keepalivedConfPath = "/etc/keepalived/keepalived.conf";

/** Installs everything on the disk of a server. The host must be on, unless the profile is plain. */
export async function install(
  server: Server,
  nodes: readonly Server[],
  setup: Setup,
  access: RedisAccess,
): Promise<void> {
  const { disk } = server;
  const { cluster, redis, profile, files } = setup;
  const { password, tls } = access;
  disk.write("/etc/redis/redis.conf", redisConf(redis, password), 0o600);
  disk.write("/etc/keepalived-redis/cluster.toml", clusterFile(nodes, cluster, access));
  if (password !== undefined) disk.write(passwordPath, `${password}\n`, 0o600);
  disk.write(startRedisPath, startRedisScript, 0o755);
  disk.write(startKeepalivedPath, startKeepalivedScript, 0o755);
  disk.write(startAgentPath, startAgentScript, 0o755);
  disk.write(answerSetgroupsPath, answerSetgroups);
  const all = { ...(tls ? tlsFiles(tls) : {}), ...files };
  for (const [path, text] of Object.entries(all)) disk.write(path, text, modeOf(path));
  if (profile === "plain") {
    for (const [name, text] of Object.entries(plainHookFiles)) disk.write(`${plainHooks}/${name}`, text, 0o755);
  } else {
    if (!existsSync(built)) throw new Error("there is no dist/: npm run build");
    disk.install(setup.dist ?? built, binFolder);
  }
  const ownConf = setup.keepalivedConf ?? (profile === "plain" ? plainKeepalivedConf : undefined);
  if (ownConf) disk.write(keepalivedConfPath, ownConf(server, nodes));
  else await generateConfig(server, profile);
}

const modeOf = (path: string): number =>
  /^\/(opt|usr)\//.test(path) ? 0o755 : path.startsWith(passwordPath) ? 0o600 : 0o644;

/** Writes keepalived.conf. */
export async function generateConfig(server: Server, profile: string): Promise<void> {
  const { code, stderr } = await server.run(["generate-config", "--profile", profile, "--output", keepalivedConfPath]);
  const written = existsSync(server.disk.at(keepalivedConfPath));
  if (code !== 0 || !written) {
    throw new Error(
      `generate-config on ${server.name}: exit ${code}, ${keepalivedConfPath} ${written ? "" : "not "}written\n${stderr}`,
    );
  }
}
