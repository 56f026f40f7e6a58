import { readFileSync, statSync, utimesSync } from "node:fs";
import type { Served } from "../model/served.ts";
import { writeAtomically } from "../system/atomic-file.ts";

/** The newest data that this node has seen served, see src/decide/served.ts. It must survive a reboot. */
export function lastServed(file: string): Served | undefined {
  try {
    const served = JSON.parse(readFileSync(file, "utf8")) as Served;
    if (typeof served.history?.offset !== "number" || !Array.isArray(served.marks)) return undefined;
    const { mtimeMs } = statSync(file);
    return mtimeMs > served.at_ms ? { ...served, unchangedUntil_ms: mtimeMs } : served;
  } catch {
    return undefined;
  }
}

/** Throws the error of the file system. */
export function rememberServed(file: string, { unchangedUntil_ms, ...served }: Served): void {
  writeAtomically(file, `${JSON.stringify(served)}\n`);
  rememberUnchanged(file, unchangedUntil_ms ?? served.at_ms);
}

/** Its time of change says it, so that an idle cluster writes no file. Another user's file can't be changed: then only a mark is missing. */
export function rememberUnchanged(file: string, at_ms: number): void {
  try {
    utimesSync(file, at_ms / 1000, at_ms / 1000);
  } catch {
    // See above.
  }
}
