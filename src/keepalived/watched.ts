import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { keepalivedProcesses, keepalivedStarted_ms } from "../system/processes.ts";

/**
 * Whether one of these processes of Keepalived watches this folder, which it does for the track files in it. It begins to when it reads its
 * configuration; a folder that is removed and made again is another one, which it does not watch. By the inode alone: some file
 * systems (btrfs) tell another device there. Undefined if the folder is missing or that can't be read: only root may.
 */
export function watches(folder: string, pids: readonly string[]): boolean | undefined {
  try {
    const inode = statSync(folder, { bigint: true }).ino.toString(16);
    return pids.some((pid) => watchedBy(pid).includes(inode));
  } catch {
    return undefined;
  }
}

/** The inodes that inotify watches for a process: `inotify wd:1 ino:5 sdev:2b mask:2c8 ...` in its fdinfo. */
function watchedBy(pid: string): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => unlessClosed(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) === "anon_inode:inotify")
    .map((fd) => unlessClosed(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8")) ?? "")
    .flatMap((text) => [...text.matchAll(/^inotify wd:\S+ ino:([0-9a-f]+) /gm)].map(([, inode = ""]) => inode));
}

function unlessClosed(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

// It reads its configuration after its start.
const start_ms = 2000;

/** As `watches`; undefined also if Keepalived does not run, or was started a moment ago. */
export function keepalivedWatches(folder: string): boolean | undefined {
  const pids = keepalivedProcesses();
  if (pids.length === 0) return undefined;
  const watched = watches(folder, pids);
  return watched === false && Date.now() - (keepalivedStarted_ms() ?? 0) < start_ms ? undefined : watched;
}
