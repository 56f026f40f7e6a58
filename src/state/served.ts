import { readFileSync } from "node:fs";
import type { Served } from "../model/served.ts";
import { writeAtomically } from "../system/atomic-file.ts";

/** The newest data that this node has seen served, see src/decide/served.ts. It must survive a reboot. */
export function lastServed(file: string): Served | undefined {
  try {
    const served = JSON.parse(readFileSync(file, "utf8")) as Served;
    return typeof served.history?.offset === "number" && Array.isArray(served.marks) ? served : undefined;
  } catch {
    return undefined;
  }
}

/** Throws the error of the file system. */
export const rememberServed = (file: string, served: Served): void =>
  writeAtomically(file, `${JSON.stringify(served)}\n`);
