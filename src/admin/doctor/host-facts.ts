import { readdirSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import spawn from "nano-spawn";
import { interfaceOf } from "../../keepalived/render.ts";
import { executableProblems } from "../../keepalived/requirements.ts";
import type { Fact, HostFacts } from "../../model/doctor.ts";
import type { RedisContext } from "../../redis/sessions.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { lastValue } from "../init/redis-conf.ts";
import { fact } from "./fact.ts";
import { readKeepalivedConf } from "./keepalived-conf.ts";

const version_ms = 2000;

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
    scripts: bin === undefined ? { unknown: "no keepalived.conf names them" } : { value: executableProblems(bin) },
    state: {
      folder: paths.state,
      exists: isFolder(paths.state),
      fifo: agent ? fifoAt(paths.fifo) : "there",
      tmpfiles: madeAtBoot(paths.state),
    },
    logrotate: { log: paths.log, rotated: textsIn("/etc/logrotate.d").some((text) => covers(text, paths.log)) },
    free: await fact("free space", () => freeIn(paths.data)),
    networkd: networkdOf(interfaceOf(cluster, node)),
    restarts: { needrestart: needrestartRestarts(), unattended: upgradesUnattended() },
  };
}

function readRedisConf(file: string): { file: string; replicaof: string | undefined } {
  if (readIfPresent(file) === undefined) throw new Error(`${file} can't be read here`);
  const value = lastValue(file, "replicaof", readIfPresent) ?? lastValue(file, "slaveof", readIfPresent);
  return { file, replicaof: value?.replaceAll(/\s+/g, " ") };
}

async function keepalivedVersion(): Promise<string> {
  const { output } = await spawn("keepalived", ["--version"], { timeout: version_ms, stdin: "ignore" });
  const [, version] = /Keepalived v(\d[\d.]*)/.exec(output) ?? [];
  if (version === undefined) throw new Error("it does not tell");
  return version;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function fifoAt(path: string): HostFacts["state"]["fifo"] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? "missing" : stats.isFIFO() ? "there" : "no-fifo";
}

/** The texts of all files of a folder. A folder that is missing has none. */
function textsIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => readIfPresent(join(folder, name)) ?? "");
  } catch {
    return [];
  }
}

/** A folder outside /run is there after a reboot. */
const madeAtBoot = (folder: string): boolean =>
  !/^\/(var\/)?run\//.test(folder) ||
  ["/etc", "/run", "/usr/lib"].some((root) => textsIn(`${root}/tmpfiles.d`).some((text) => makes(text, folder)));

/** A line such as `d /run/keepalived-redis/NAME 0755 root root -`. */
const makes = (text: string, folder: string): boolean =>
  text.split("\n").some((line) => {
    const [type = "", path] = line.trim().split(/\s+/);
    return /^[dD]/.test(type) && path === folder;
  });

/** A pattern such as `/var/log/keepalived-redis/*.log` covers it, too. */
const covers = (text: string, log: string): boolean =>
  text.includes(log) || text.includes(join(dirname(log), "*.log")) || text.includes(join(dirname(log), "*"));

/** Of the folder, or of the nearest one above that is there. */
function freeIn(folder: string): { folder: string; bytes: number } {
  if (!isFolder(folder)) return freeIn(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return { folder, bytes: bavail * bsize };
}

/** /run/systemd/netif/links/INDEX names the file that systemd-networkd has applied. */
function networkdOf(name: string): HostFacts["networkd"] {
  const index = new RegExp(`^(\\d+)\\s+${name}\\s`, "m").exec(readIfPresent("/proc/net/igmp") ?? "")?.[1];
  const link = index === undefined ? undefined : readIfPresent(`/run/systemd/netif/links/${index}`);
  const file = /^NETWORK_FILE=(.+)$/m.exec(link ?? "")?.[1];
  if (file === undefined) return { interface: name, file: undefined, keeps: true };
  const dropIns = ["/etc", "/run", "/usr/lib"].flatMap((root) =>
    textsIn(`${root}/systemd/network/${basename(file)}.d`),
  );
  const keeps = [readIfPresent(file) ?? "", ...dropIns].some((text) =>
    /^\s*KeepConfiguration\s*=\s*(yes|true|static)\s*$/m.test(text),
  );
  return { interface: name, file, keeps };
}

/** A line such as `$nrconf{override_rc}{qr(^keepalived)} = 0;` excepts it. */
function needrestartRestarts(): boolean {
  const main = readIfPresent("/etc/needrestart/needrestart.conf");
  if (main === undefined) return false;
  return ![main, ...textsIn("/etc/needrestart/conf.d")].some((text) => /^[^#\n]*keepalived.*=>?\s*0/m.test(text));
}

function upgradesUnattended(): boolean {
  const texts = textsIn("/etc/apt/apt.conf.d").map((text) => text.replaceAll(/^\s*\/\/.*$/gm, ""));
  const on = texts.some((text) => /APT::Periodic::Unattended-Upgrade\s+"[1-9]/.test(text));
  return on && !texts.some((text) => /Package-Blacklist[^}]*keepalived/.test(text));
}
