import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { History } from "../model/history.ts";

/** How many dumps, and how many bytes of them, are kept for a cluster. The newest dump is always kept. */
const limits = { count: 10, bytes: 20 * 1024 ** 3 };

/**
 * The name of the next dump: a number that grows, and the time for people. A clock that was ahead once must not make each later
 * dump the oldest.
 */
export function nextDumpName(folder: string, now: Date): string {
  const last = Math.max(0, ...(existsSync(folder) ? readdirSync(folder) : []).map(numberOf));
  return `${String(last + 1).padStart(6, "0")}-${now.toISOString().replace(/[:.]/g, "-")}.rdb`;
}

/** 0: a dump of a version whose names had only the time. */
const numberOf = (name: string): number => Number(/^(\d{6})-/.exec(name)?.[1] ?? 0);

/** The newest dump, and the history of its data; without one if its description is missing or damaged. */
export function lastDump(folder: string): { file: string; history?: History } | undefined {
  const [name] = readdirSync(folder).filter(isDump).sort(newestFirst);
  if (name === undefined) return undefined;
  const file = join(folder, name);
  try {
    const { history } = JSON.parse(readFileSync(file.replace(/rdb$/, "json"), "utf8")) as { history: History };
    return { file, history };
  } catch {
    return { file };
  }
}

const isDump = (name: string): boolean => name.endsWith(".rdb");
const newestFirst = (a: string, b: string): number => numberOf(b) - numberOf(a) || (a < b ? 1 : -1);

/** Removes the oldest dumps beyond the limits, but never `newest`, and returns their names. */
export function removeOldestDumps(folder: string, newest: string, max = limits): string[] {
  const others = readdirSync(folder)
    .filter((name) => isDump(name) && name !== newest)
    .sort(newestFirst);
  let bytes = existsSync(join(folder, newest)) ? statSync(join(folder, newest)).size : 0;
  return others.filter((name, index) => {
    bytes += statSync(join(folder, name)).size;
    if (index + 1 < max.count && bytes <= max.bytes) return false;
    rmSync(join(folder, name), { force: true });
    rmSync(join(folder, name.replace(/rdb$/, "json")), { force: true });
    return true;
  });
}
