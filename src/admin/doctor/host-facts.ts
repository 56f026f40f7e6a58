import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import spawn from "nano-spawn";
import { passwordWarning } from "../../cluster/password.ts";
import { mainConf } from "../../keepalived/folder-problem.ts";
import { madeAtBoot } from "../../keepalived/made-at-boot.ts";
import { interfaceOf } from "../../keepalived/render.ts";
import { executableProblems } from "../../keepalived/requirements.ts";
import { startProblem } from "../../keepalived/start-problem.ts";
import { keepalivedVersion } from "../../keepalived/version.ts";
import { keepalivedWatches } from "../../keepalived/watched.ts";
import type { Fact, HostFacts } from "../../model/doctor.ts";
import type { RedisContext } from "../../redis/sessions.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { textsIn } from "../../system/texts-in.ts";
import { lastValue } from "../init/redis-conf.ts";
import { readConfigurationRead } from "./configuration-read.ts";
import { fact } from "./fact.ts";
import { readKeepalivedConf } from "./keepalived-conf.ts";
import { needrestartRestarts, networkdOf, networkManagerOf, upgradesUnattended } from "./other-programs.ts";
import { readSelinux } from "./selinux.ts";

const program_ms = 2000;

/** What only this host knows. `configFile`: that of the local Redis. */
export async function readHost(context: RedisContext, configFile: Fact<string>): Promise<HostFacts> {
  const { cluster, node, paths } = context;
  const conf = await fact("keepalived.conf", () => readKeepalivedConf(context));
  const agent = "value" in conf && conf.value.profile === "agent";
  const bin = "value" in conf ? conf.value.bin : undefined;
  return {
    redisConf: "unknown" in configFile ? configFile : await fact("redis.conf", () => readRedisConf(configFile.value)),
    keepalivedConf: conf,
    keepalivedVersion: await fact("keepalived --version", keepalivedVersion),
    startProblem: await startProblem(program_ms),
    configurationRead: await fact("when Keepalived read its configuration", () =>
      "value" in conf && conf.value.file !== undefined
        ? readConfigurationRead([mainConf, conf.value.file], join(paths.state, "reload-check.log"))
        : undefined,
    ),
    scripts: bin === undefined ? { unknown: "no keepalived.conf names them" } : { value: executableProblems(bin) },
    state: {
      folder: paths.state,
      exists: isFolder(paths.state),
      fifo: agent ? fifoAt(paths.fifo) : "there",
      tmpfiles: madeAtBoot(paths.state),
      watched: keepalivedWatches(paths.state),
    },
    passwordReadable: passwordWarning(cluster) !== undefined,
    unit: await fact("systemctl show keepalived", readUnit),
    logrotate: { log: paths.log, rotated: textsIn("/etc/logrotate.d").some((text) => covers(text, paths.log)) },
    free: await fact("free space", () => freeIn(paths.data)),
    networkd: networkdOf(interfaceOf(cluster, node)),
    networkManager: await fact("nmcli", () => networkManagerOf(interfaceOf(cluster, node))),
    selinux: await fact("the audit log", readSelinux),
    nodeVersion: process.versions.node,
    restarts: { needrestart: needrestartRestarts(), unattended: upgradesUnattended() },
  };
}

function readRedisConf(file: string): { file: string; replicaof: string | undefined } {
  if (readIfPresent(file) === undefined) throw new Error(`${file} can't be read here`);
  const value = lastValue(file, "replicaof", readIfPresent) ?? lastValue(file, "slaveof", readIfPresent);
  return { file, replicaof: value?.replaceAll(/\s+/g, " ") };
}

/** Undefined where there is no systemd. */
async function readUnit(): Promise<{ killMode: string; handsOver: boolean } | undefined> {
  if (!existsSync("/run/systemd/system")) return undefined;
  const args = ["show", "keepalived", "--property=KillMode,ExecStop"];
  const { stdout } = await spawn("systemctl", args, { timeout: program_ms, stdin: "ignore" });
  const [, killMode = ""] = /^KillMode=(.*)$/m.exec(stdout) ?? [];
  return { killMode, handsOver: /^ExecStop=.*switchover --away/m.test(stdout) };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function fifoAt(path: string): HostFacts["state"]["fifo"] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? "missing" : stats.isFIFO() ? "there" : "no-fifo";
}

/** A pattern such as `/var/log/keepalived-redis/*.log` covers it, too. */
const covers = (text: string, log: string): boolean =>
  text.includes(log) || text.includes(join(dirname(log), "*.log")) || text.includes(join(dirname(log), "*"));

/** Of the folder, or of the nearest one above that is there. */
function freeIn(folder: string): { folder: string; bytes: number } {
  if (!isFolder(folder)) return freeIn(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return { folder, bytes: bavail * bsize };
}
