import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readIfPresent } from "./read-file.ts";

/** The texts of all files of a folder. A folder that is missing has none. */
export function textsIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => readIfPresent(join(folder, name)) ?? "");
  } catch {
    return [];
  }
}
