import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeAtomically } from "../system/atomic-file.ts";

/**
 * Writes a number for Keepalived, or a line of ours into the folder of the track files. Keepalived watches that folder, so the
 * temporary file is made in a folder below it: Keepalived would wake, and run before us, for each file made beside the track
 * files, 1 ms of a failover (measured). Throws the error of the file system.
 */
export const writeTrackFile = (file: string, value: number | string): void =>
  writeAtomically(file, `${value}\n`, { via: join(dirname(file), "new") });

/** What Keepalived would read there; 0 where there is no such file. */
export function readTrackFile(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || 0;
  } catch {
    return 0;
  }
}
