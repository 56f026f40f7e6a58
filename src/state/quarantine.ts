import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type KeptFile, superfluous } from "../decide/superfluous.ts";
import type { Kept } from "../model/kept.ts";

/** How many files, and how many bytes of them, are kept for a cluster. The newest one is always kept. */
const limits = { count: 10, bytes: 20 * 1024 ** 3 };

/** What is kept: the diverged writes, or a dump of the whole data set. Beside each is a description with the same name. */
const endings = /\.(aof|rdb)$/;
export const descriptionOf = (file: string): string => file.replace(endings, ".json");

/**
 * The name of the next file, without its ending: a number that grows, and the time for people. A clock that was ahead once must not make
 * each later file the oldest.
 */
export function nextName(folder: string, now: Date): string {
  const last = Math.max(0, ...(existsSync(folder) ? readdirSync(folder) : []).map(numberOf));
  return `${String(last + 1).padStart(6, "0")}-${now.toISOString().replace(/[:.]/g, "-")}`;
}

/** 0: a dump of a version whose names had only the time. */
export const numberOf = (name: string): number => Number(/^(\d{6})-/.exec(name)?.[1] ?? 0);

/** All that is kept, the newest first. A description that is missing or damaged is undefined. */
export function keptIn(folder: string): { file: string; about: Kept | undefined }[] {
  if (!existsSync(folder)) return [];
  return keptNames(folder).map((name) => {
    const file = join(folder, name);
    return { file, about: readDescription(descriptionOf(file)) };
  });
}

function readDescription(file: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Kept;
  } catch {
    return undefined;
  }
}

const keptNames = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => endings.test(name))
    .sort((a, b) => numberOf(b) - numberOf(a) || (a < b ? 1 : -1));

/** Removes files beyond the limits, but never `newest`, and resolves with their names. */
export async function removeSuperfluous(
  folder: string,
  newest: string,
  max = limits,
  now_ms = Date.now(),
): Promise<string[]> {
  const fileOf = (name: string): KeptFile => {
    const { size: bytes, mtimeMs } = statSync(join(folder, name));
    return { name, bytes, age_s: (now_ms - mtimeMs) / 1000 };
  };
  const others = keptNames(folder).filter((name) => name !== newest);
  const present = existsSync(join(folder, newest)) ? [newest] : [];
  const removed = superfluous([...present, ...others].map(fileOf), max).map(({ name }) => name);
  for (const file of removed.flatMap((name) => [name, descriptionOf(name)]))
    await rm(join(folder, file), { force: true });
  return removed;
}
