import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandRefused } from "../cluster/errors.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import { plainPath } from "../cluster/schema.ts";
import { interfaceOf } from "./render.ts";
import { insecurity } from "./script-security.ts";

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

// os.networkInterfaces() omits interfaces that are down, and /sys may belong to another network namespace.
const interfaceNames = (): string[] =>
  [...readFileSync("/proc/net/dev", "utf8").matchAll(/^\s*([^\s:]+):/gm)].map(([, name = ""]) => name);
