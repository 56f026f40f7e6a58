import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "../../scripts/build.ts";
import { chart } from "./chart.ts";
import { clientEvents, clients, type MeasuredClient, mergedClients } from "./clients/all.ts";
import { libraries } from "./clients/libraries.ts";
import { writeClientsPage } from "./clients/page.ts";
import { contenders } from "./contenders/all.ts";
import { costs } from "./costs/all.ts";
import { events } from "./events.ts";
import { failovers } from "./failovers.ts";
import { writeFigures } from "./figures.ts";
import { markdown } from "./markdown.ts";
import { load, type Measured, type Results, read, save } from "./results.ts";

/**
 * `npm run bench`: the ways to fail over, side by side. Keeps what it measures in bench/results.jsonl, and writes bench/RESULTS.md,
 * bench/gaps.svg and the figures of README.md from that.
 */

const parts = [{ name: "failovers" }, { name: "clients" }, ...costs];
const names = (all: readonly { name: string }[]): string => all.map(({ name }) => name).join(", ");
const usage = `npm run bench -- [--smoke] [--parts NAME,...] [--only NAME,...] [--libraries NAME,...] [--events NAME,...] [--runs N] [--out FOLDER] [--render]
  --smoke    half a minute: two contenders, two events, one run each, into a temporary folder
  --parts    ${names(parts)}
  --only     ${names(contenders)}
  --libraries ${names(libraries)}
  --events   ${names(events)}; of clients: ${clientEvents.join(", ")}
  --runs     of each event, instead of each contender's own number, and of 3 of each client library
  --out      where results are kept and written (default: bench; --smoke: temporary). What isn't measured anew stays as it was, if it was
             measured on this machine with these versions
  --render   measures nothing: writes the pages anew from what is kept`;

const options = {
  smoke: { type: "boolean", default: false },
  parts: { type: "string" },
  only: { type: "string" },
  libraries: { type: "string" },
  events: { type: "string" },
  runs: { type: "string" },
  out: { type: "string" },
  render: { type: "boolean", default: false },
} as const;
const smokeOptions = { parts: "failovers", only: "hooks,agent", events: "crash,move", runs: "1" };

async function main(): Promise<number> {
  const { values: given } = parseArgs({ options });
  const values = given.smoke ? { ...smokeOptions, ...given } : given;
  const wanted = chosen(parts, values.parts).map(({ name }) => name);
  const course = {
    contenders: chosen(contenders, values.only),
    events: chosen(events, values.events),
    runs: values.runs === undefined ? undefined : whole(values.runs),
  };
  const out = values.out ?? (values.smoke ? mkdtempSync(join(tmpdir(), "bench-")) : bench);
  if (values.render) {
    renderTo(out, read(out));
    return 0;
  }
  const results = load(out);
  const keep = () => {
    save(out, results);
    renderTo(out, results);
  };

  await build();
  let failed = 0;
  if (wanted.includes("failovers")) {
    const done = (all: readonly Measured[], latest: string) => {
      console.log(latest);
      results.failovers = merged(results, all);
      keep();
    };
    for (const measured of await failovers({ ...course, done })) failed += measured.failed;
  }
  if (wanted.includes("clients")) {
    const before = results.clients;
    const done = (all: readonly MeasuredClient[], latest: string) => {
      console.log(latest);
      results.clients = mergedClients(before, all, libraries);
      keep();
    };
    failed += await clients({
      libraries: chosen(libraries, values.libraries),
      events: chosen(events, values.events ?? clientEvents.join(",")),
      runs: course.runs ?? 3,
      done,
    });
  }
  for (const { name, title, measure } of costs.filter((one) => wanted.includes(one.name))) {
    console.log(name);
    const table = { title, date: new Date().toISOString(), rows: await measure() };
    results.tables = [...results.tables.filter((one) => one.title !== title), table];
    keep();
  }
  console.log(`\n${markdown(results)}\nwritten to ${out}`);
  return failed > 0 ? 1 : 0;
}

const bench = fileURLToPath(new URL("../../bench", import.meta.url));
const clientsPage = fileURLToPath(new URL("../../docs/clients.md", import.meta.url));
const readme = fileURLToPath(new URL("../../README.md", import.meta.url));

function renderTo(out: string, results: Results): void {
  writeFileSync(join(out, "RESULTS.md"), markdown(results));
  writeFileSync(join(out, "gaps.svg"), chart(results.failovers));
  if (resolve(out) !== bench) return;
  writeFigures(readme, results);
  writeClientsPage(clientsPage, results.clients);
}

/** In the order of the contenders, the newly measured in place of what there was. */
function merged({ failovers: before }: Results, fresh: readonly Measured[]): Measured[] {
  const same = (one: Measured) => (other: Measured) => one.contender === other.contender && one.event === other.event;
  const all = [...before.filter((one) => !fresh.some(same(one))), ...fresh];
  const place = ({ contender }: Measured) => contenders.findIndex(({ name }) => name === contender);
  return all.sort((one, other) => place(one) - place(other));
}

function chosen<T extends { name: string }>(all: readonly T[], wanted: string | undefined): T[] {
  if (wanted === undefined) return [...all];
  return wanted.split(",").map((name) => {
    const found = all.find((one) => one.name === name);
    if (!found) throw new Error(`there is no "${name}"\n${usage}`);
    return found;
  });
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new Error(`"${text}" is no number of runs\n${usage}`);
  return Number(text);
}

// The esbuild service would keep the process.
main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`bench: ${error.message}`);
    process.exit(2);
  },
);
