import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a number for Keepalived, or a line for our own. By rename in the same folder: written in place, a track file is empty for a moment,
 * and Keepalived reads that as 0 (executed on 2.2.7). Throws what the file system says.
 */
export function writeTrackFile(file: string, value: number | string): void {
  const fresh = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(fresh, `${value}\n`, { mode: 0o644 });
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
