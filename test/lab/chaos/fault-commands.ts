import { readFileSync } from "node:fs";
import type { HostProcess } from "../machine/host-processes.ts";
import { clusterName } from "../server/cluster-file.ts";
import { quarantineFolder, savedDumpsFolder } from "./dumps.ts";

export const drainMark = `/run/keepalived-redis/${clusterName}/drain`;

/** The name of the hook, if this process is one. */
export function hookName({ pid, name }: HostProcess): string | undefined {
  // Node names its process "node" or, since version 22, "MainThread". Before Node is loaded it has the name of the script.
  if (!/^(node|MainThread|env|notify-)/.test(name)) return undefined;
  try {
    return /\/(notify-(?:master|backup|fault|stop))\0/.exec(readFileSync(`/proc/${pid}/cmdline`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

export const fillDisk = `mkdir -p ${quarantineFolder} && chmod 700 ${quarantineFolder} &&
mount -t tmpfs -o size=64k,mode=700 full ${quarantineFolder} &&
{ cat /dev/zero >${quarantineFolder}/filler 2>/dev/null || true; }`;
// Dumps that fit on the full disk count as kept.
export const emptyDisk = `if grep -q " ${quarantineFolder} tmpfs" /proc/mounts; then
mkdir -p ${savedDumpsFolder} && for f in ${quarantineFolder}/*.rdb ${quarantineFolder}/*.aof; do [ ! -e "$f" ] || cp "$f" ${savedDumpsFolder}/; done
umount -l ${quarantineFolder}; fi`;
