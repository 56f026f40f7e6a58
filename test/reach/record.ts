import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/checks.ts";
import type { SuiteName } from "./cells.ts";

/** One run of a suite in a cell. */
export interface Run {
  /** The day, UTC. */
  date: string;
  /** The commit of the checkout, with a `+` if files differed from it. */
  commit: string;
  seconds: number;
  passed: number;
  failed: string[];
  skipped: string[];
  /** The names of those that passed, where the page lists them. */
  listed?: string[];
  /** What the program printed, each line once. */
  said?: string[];
  /** Why results are missing. */
  broken?: string;
}

export interface CellRecord {
  /** Of the programs of the tree, by name. */
  versions: Record<string, string>;
  runs: Partial<Record<SuiteName, Run>>;
}

/** By the name of the cell. */
export type Reach = Record<string, CellRecord>;

const file = join(root, "docs", "reach.json");

export const readReach = (): Reach => JSON.parse(readFileSync(file, "utf8")) as Reach;

/** Replaces one run. */
export function addRun(cell: string, versions: Record<string, string>, suite: SuiteName, run: Run): void {
  const reach = readReach();
  reach[cell] = { versions, runs: { ...reach[cell]?.runs, [suite]: run } };
  writeFileSync(file, `${JSON.stringify(reach, undefined, 1)}\n`);
}
