import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandRefused } from "../cluster/errors.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import { plainPath } from "../cluster/schema.ts";
import { checkTimes, fractionsSince, takesInterval } from "../decide/check-times.ts";
import { older, oldestKeepalived } from "../decide/versions.ts";
import { interfaceOf } from "./render.ts";
import { insecurity } from "./script-security.ts";
import type { Profile } from "./template.ts";
import { keepalivedVersion } from "./version.ts";

/** The executables that Keepalived starts, as root. */
const executables = ["monitor", "check-health", "notify-master", "notify-backup", "notify-fault", "notify-stop"];

/**
 * The folder of the executable that was started as `path`. A symbolic link to the folder (`current`) is kept: after an upgrade that
 * changes the link, keepalived.conf is still right. A link to the executable alone is resolved.
 */
export function folderBeside(path: string): string {
  const folder = dirname(path);
  return executables.every((name) => existsSync(join(folder, name))) ? folder : dirname(realpathSync(path));
}

/** Why root must not run the executables of this folder. Several have the same cause, such as a folder above. */
export const executableProblems = (folder: string): string[] => [
  ...new Set(executables.flatMap((name) => insecurity(join(folder, name)) ?? [])),
];

/** Throws CommandRefused unless the folder has all executables that Keepalived starts, and only root can change them. */
export function requireExecutables(folder: string): void {
  const [problem] = executableProblems(folder);
  if (!problem) return;
  throw new CommandRefused(`root must not run the executables in ${folder}: ${problem}`, {
    remedy:
      "they and all folders above must exist, belong to root and be writable by root only; --bin-dir names another folder",
  });
}

/** Throws CommandRefused for a path with characters that have a meaning in keepalived.conf or a systemd unit. */
export function requirePlain(path: string): void {
  if (plainPath.test(path)) return;
  throw new CommandRefused(`the path ${JSON.stringify(path)} can't be written into a configuration file`, {
    remedy: "use only letters, digits and . _ - + @ : , in it: --bin-dir and --cluster name other paths",
  });
}

/** Throws CommandRefused if this host does not have the interface of its node: Keepalived would not start. */
export function requireInterface(cluster: Cluster, node: Node): void {
  const wanted = interfaceOf(cluster, node);
  const names = interfaceNames();
  if (names.includes(wanted)) return;
  throw new CommandRefused(`this host has no network interface ${wanted}; it has ${names.join(", ")}`, {
    remedy: `correct vip.interface in the cluster file, or interface under the [[nodes]] of ${node.name}`,
  });
}

/**
 * Rejects with a CommandRefused if the Keepalived of this host is too old, or does not take the interval of the check. Where there is none
 * yet, or it tells no version, only an interval that not every version takes is refused.
 */
export async function requireKeepalived(cluster: Cluster, profile: Profile): Promise<void> {
  const wanted = fractionOf(cluster, profile);
  const others = "or set monitor.interval = 1 in the cluster file, which every version takes";
  let version: string;
  try {
    version = await keepalivedVersion();
  } catch (error) {
    if (wanted === undefined) return;
    throw new CommandRefused(
      `can't tell whether Keepalived takes ${wanted}: keepalived --version: ${(error as Error).message.split("\n")[0]}`,
      { remedy: `install Keepalived ${fractionsSince} or newer on this host first, ${others}` },
    );
  }
  if (older(version, oldestKeepalived))
    throw new CommandRefused(
      `Keepalived ${version} of this host has no reload_check_config: a reload with an error would end it, and leave the virtual IP here`,
      { remedy: `install Keepalived ${oldestKeepalived} or newer on all nodes` },
    );
  if (wanted === undefined || takesInterval(version, checkTimes(cluster.monitor.interval, profile).interval)) return;
  throw new CommandRefused(`Keepalived ${version} of this host counts whole seconds, and does not take ${wanted}`, {
    remedy: `install Keepalived ${fractionsSince} or newer on all nodes, ${others}`,
  });
}

/** In words: the interval of the check where it is a fraction of a second; else undefined. */
export function fractionOf({ monitor }: Cluster, profile: Profile): string | undefined {
  const { interval } = checkTimes(monitor.interval, profile);
  if (Number.isInteger(interval)) return undefined;
  return `a check every ${interval} s (monitor.interval = ${monitor.interval}, profile ${profile})`;
}

// os.networkInterfaces() omits interfaces that are down, and /sys may belong to another network namespace.
const interfaceNames = (): string[] =>
  [...readFileSync("/proc/net/dev", "utf8").matchAll(/^\s*([^\s:]+):/gm)].map(([, name = ""]) => name);
