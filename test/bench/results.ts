import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { MeasuredClient } from "./clients/all.ts";
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

export interface Table {
  title: string;
  date: string;
  rows: Row[];
}

/** Everything measured, as it is kept between runs: each run replaces what it measures anew. */
export interface Results {
  machine: Row;
  failovers: Measured[];
  clients: MeasuredClient[];
  tables: Table[];
}

function machine(): Row {
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

/** One line of the file in which it is kept. */
type Line = { machine: Row } | { failover: Measured } | { client: MeasuredClient } | { table: Table };

const fileOf = (folder: string) => join(folder, "results.jsonl");

/** What stands in the folder. */
export function read(folder: string): Results {
  const results: Results = { machine: {}, failovers: [], clients: [], tables: [] };
  const lines = readFileSync(fileOf(folder), "utf8").trim().split("\n");
  for (const line of lines.map((text) => JSON.parse(text) as Line)) {
    if ("failover" in line) results.failovers.push(line.failover);
    else if ("client" in line) results.clients.push(line.client);
    else if ("table" in line) results.tables.push(line.table);
    else results.machine = line.machine;
  }
  return results;
}

/** The same, unless it was measured on another machine or with other versions: those results are begun anew. */
export function load(folder: string): Results {
  const here = machine();
  const before = existsSync(fileOf(folder)) ? read(folder) : undefined;
  if (before && JSON.stringify(before.machine) === JSON.stringify(here)) return before;
  return { machine: here, failovers: [], clients: [], tables: [] };
}

/** Keeps what was measured. */
export function save(folder: string, { machine, failovers, clients, tables }: Results): void {
  mkdirSync(folder, { recursive: true });
  const lines: Line[] = [
    { machine },
    ...failovers.map((failover) => ({ failover })),
    ...clients.map((client) => ({ client })),
    ...tables.map((table) => ({ table })),
  ];
  writeFileSync(fileOf(folder), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
}
