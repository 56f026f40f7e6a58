import { existsSync, readFileSync } from "node:fs";

/**
 * The text of a small file, or undefined if it is missing or can't be read. Checks whether it exists first: an agent reads
 * files that are mostly missing several times a second, and a thrown error costs ten times as much (measured).
 */
export function readIfPresent(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
