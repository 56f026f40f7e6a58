import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandRefused } from "../cluster/errors.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import { plainPath } from "../cluster/schema.ts";
import { interfaceOf } from "./render.ts";
import { insecurity } from "./script-security.ts";

/** What Keepalived starts as root. */
const executables = ["monitor", "check-heartbeat", "notify-master", "notify-backup", "notify-fault", "notify-stop"];

/**
 * The folder of the executables beside the one that was started as `path`. By the path that was used, where that works:
 * a link such as `current` then stays in keepalived.conf, and an upgrade that moves it needs no new one.
 */
export function folderBeside(path: string): string {
  const folder = dirname(path);
  return executables.every((name) => existsSync(join(folder, name))) ? folder : dirname(realpathSync(path));
}

/** Throws a Refusal unless the folder has every executable that Keepalived starts, and only root can change them. */
export function requireExecutables(folder: string): void {
  const problem = executables.map((name) => insecurity(join(folder, name))).find((found) => found !== undefined);
  if (!problem) return;
  throw new CommandRefused(`root must not run the executables in ${folder}: ${problem}`, {
    remedy:
      "they and all folders above must be there, root's, and nobody else's to write to; --bin-dir names another place",
  });
}

/** Throws a Refusal where a path would not arrive as it is: keepalived.conf and systemd's units have comments, variables and quotes of its own. */
export function requirePlain(path: string): void {
  if (plainPath.test(path)) return;
  throw new CommandRefused(`a configuration can't name the path ${JSON.stringify(path)}`, {
    remedy: "use letters, digits and . _ - + @ : , only: --bin-dir and --cluster name other places",
  });
}

/** Throws a Refusal where this host lacks the interface of the node that it is: Keepalived would end at its start. */
export function requireInterface(cluster: Cluster, node: Node): void {
  const wanted = interfaceOf(cluster, node);
  const there = interfaceNames();
  if (there.includes(wanted)) return;
  throw new CommandRefused(`this host has no network interface ${wanted}; it has ${there.join(", ")}`, {
    remedy: `name the right one in the cluster file: vip.interface, or interface under the [[nodes]] of ${node.name}`,
  });
}

// os.networkInterfaces() leaves out those that are down, and /sys may be that of another network namespace.
const interfaceNames = (): string[] =>
  [...readFileSync("/proc/net/dev", "utf8").matchAll(/^\s*([^\s:]+):/gm)].map(([, name = ""]) => name);
