import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Trial } from "./trial.ts";

/** A line of a table of costs, by column. */
export type Row = Record<string, string | number>;

export interface Measured {
  contender: string;
  event: string;
  /** ISO date of the last run. */
  date: string;
  trials: Trial[];
  /** Runs that ended in an error. */
  failed: number;
}

/** Everything measured, as it is kept between runs: each run replaces what it measures anew. */
export interface Results {
  machine: Row;
  failovers: Measured[];
  tables: { title: string; date: string; rows: Row[] }[];
}

export function machine(): Row {
  const version = (program: string, pattern: RegExp) => {
    const said = execFileSync("sh", ["-c", `${program} --version 2>&1`], { encoding: "utf8" });
    return pattern.exec(said)?.[1] ?? "unknown";
  };
  return {
    Processor: `${cpus().length} x ${cpus()[0]?.model.trim()}`,
    Memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    Kernel: `Linux ${release().split("-")[0]}`,
    Redis: version("redis-server", /v=(\S+)/),
    Keepalived: version("keepalived", /v(\d\S*)/),
    Node: process.versions.node,
  };
}

const fileOf = (folder: string) => join(folder, "results.json");

/** What stands in the folder, unless it was measured on another machine or with other versions. */
export function load(folder: string): Results {
  const here = machine();
  if (existsSync(fileOf(folder))) {
    const kept = JSON.parse(readFileSync(fileOf(folder), "utf8")) as Results;
    if (JSON.stringify(kept.machine) === JSON.stringify(here)) return kept;
  }
  return { machine: here, failovers: [], tables: [] };
}

export function save(folder: string, record: Results, files: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  const all = { "results.json": `${JSON.stringify(record)}\n`, ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
}
