import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeAtomically } from "../system/atomic-file.ts";

/**
 * Writes a track file, or another one-line file in the same folder. Keepalived watches the folder and wakes up for each new file in
 * it, which costs 1 ms of a failover (measured), so the temporary file is in a subfolder. Throws the error of the file system.
 */
export const writeTrackFile = (file: string, value: number | string): void =>
  writeAtomically(file, `${value}\n`, { via: join(dirname(file), "new") });

/** The number that Keepalived reads from this file; 0 if it is missing. */
export function readTrackFile(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || 0;
  } catch {
    return 0;
  }
}
