import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../../scripts/build.ts";
import { root } from "../../scripts/checks.ts";
import { type Cell, cells, type SuiteName } from "./cells.ts";
import { pageOf } from "./page.ts";
import { addRun, readReach } from "./record.ts";
import { runSuite, versions } from "./run-cell.ts";
import { cache, prepare } from "./trees.ts";

// npm run reach -- [--list] [--page] [--only CELL|CELL:SUITE]...: runs tests on other systems, and writes docs/reach.json and docs/reach.md.

class UsageError extends Error {}

interface Work {
  cell: Cell;
  suites: readonly SuiteName[];
}

function chosen(only: readonly string[]): Work[] {
  if (only.length === 0) return cells.map((cell) => ({ cell, suites: cell.suites }));
  return only.map((text) => {
    const [name, suite] = text.split(":");
    const cell = cells.find((one) => one.name === name);
    if (!cell) throw new UsageError(`there is no cell ${name}; --list names them`);
    const suites = cell.suites.filter((one) => suite === undefined || one === suite);
    if (suites.length === 0) throw new UsageError(`${name} has no suite ${suite}; it has ${cell.suites.join(", ")}`);
    return { cell, suites };
  });
}

const writePage = () => writeFileSync(join(root, "docs", "reach.md"), pageOf(readReach()));

async function runCell({ cell, suites }: Work): Promise<boolean> {
  await prepare(cell);
  const found = await versions(cell);
  let ok = true;
  for (const suite of suites) {
    const run = await runSuite(cell, suite);
    addRun(cell.name, found, suite, run);
    writePage();
    const { passed, failed, skipped, broken, seconds } = run;
    const rest = `${skipped.length} skipped, ${seconds} s${broken ? `, ${broken}` : ""}`;
    console.log(`${cell.name}, ${suite}: ${passed} passed, ${failed.length} failed, ${rest}`);
    for (const name of failed) console.log(`  failed: ${name}`);
    ok &&= failed.length === 0 && !broken && passed > 0;
  }
  return ok;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { list: { type: "boolean" }, page: { type: "boolean" }, only: { type: "string", multiple: true } },
  });
  const work = chosen(values.only ?? []);
  if (values.list) {
    for (const { cell, suites } of work) console.log(`${cell.name.padEnd(18)}${suites.join(", ")}`);
    return;
  }
  if (values.page) return writePage();
  if (process.getuid?.() !== 0)
    throw new UsageError("run it as root: it makes trees with debootstrap, and enters them");
  console.log(`trees, Nodes and whole outputs are in ${cache} (KEEPALIVED_REDIS_REACH names another folder)`);
  await build();
  const results: boolean[] = [];
  for (const one of work) results.push(await runCell(one));
  process.exitCode = results.every(Boolean) ? 0 : 1;
}

main().catch((error: Error) => {
  const usage = error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  console.error(`reach: ${usage ? error.message : error.stack}`);
  process.exitCode = usage ? 2 : 1;
});
