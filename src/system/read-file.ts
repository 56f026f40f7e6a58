import { existsSync, readFileSync } from "node:fs";

/**
 * The text of a small file, undefined where there is none or it can't be read. Looks first: mostly there is none, an agent
 * asks several times a second, and a thrown error costs ten times as much as that look (measured).
 */
export function readIfPresent(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
