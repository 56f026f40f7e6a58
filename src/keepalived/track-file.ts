import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Writes a number for Keepalived, or a line for our own. By rename: written in place, a track file is empty for a moment,
 * and Keepalived reads that as 0 (executed on 2.2.7). Made in a folder below, since Keepalived watches this one and would be
 * woken, and run before us, by each file that is made here: 1 ms of a failover (measured). Throws what the file system says.
 */
export function writeTrackFile(file: string, value: number | string): void {
  const fresh = join(dirname(file), "new", `${basename(file)}.${process.pid}`);
  const write = () => writeFileSync(fresh, `${value}\n`, { mode: 0o644 });
  try {
    write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(fresh), { recursive: true, mode: 0o755 });
    write();
  }
  renameSync(fresh, file);
}

/** What Keepalived would read there; 0 where there is no such file. */
export function readTrackFile(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || 0;
  } catch {
    return 0;
  }
}
