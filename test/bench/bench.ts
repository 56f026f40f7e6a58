import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "../../scripts/build.ts";
import { chart } from "./chart.ts";
import { contenders } from "./contenders/all.ts";
import { events } from "./events.ts";
import { failovers } from "./failovers.ts";
import { markdown } from "./markdown.ts";
import { load, type Measured, type Results, save } from "./results.ts";

/** `npm run bench`: the ways to fail over, side by side; writes bench/RESULTS.md, bench/gaps.svg and bench/results.json. */

const usage = `npm run bench -- [--smoke] [--only NAME,...] [--events NAME,...] [--runs N] [--out FOLDER]
  --only     ${contenders.map(({ name }) => name).join(", ")}
  --events   ${events.map(({ name }) => name).join(", ")}
  --out      where results are kept and written (default: bench; --smoke: a temporary folder). What isn't measured
             anew stays as it was`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      smoke: { type: "boolean", default: false },
      only: { type: "string" },
      events: { type: "string" },
      runs: { type: "string" },
      out: { type: "string" },
    },
  });
  const { smoke } = values;
  const out = values.out ?? (smoke ? mkdtempSync(join(tmpdir(), "bench-")) : bench);
  const results = load(out);
  const keep = () => save(out, results, { "RESULTS.md": markdown(results), "gaps.svg": chart(results.failovers) });
  await build();
  const measured = await failovers({
    contenders: chosen(contenders, values.only ?? (smoke ? "sentinel-1s,hooks" : undefined)),
    events: chosen(events, values.events ?? (smoke ? "crash,move" : undefined)),
    runs: values.runs === undefined ? (smoke ? 1 : undefined) : whole(values.runs),
    done(all, latest) {
      console.log(latest);
      results.failovers = merged(results, all);
      keep();
    },
  });
  keep();
  console.log(`\n${markdown(results)}\nwritten to ${out}`);
  return measured.some(({ failed }) => failed > 0) ? 1 : 0;
}

const bench = fileURLToPath(new URL("../../bench", import.meta.url));

/** In the order of the contenders, the newly measured in place of what there was. */
function merged({ failovers: before }: Results, fresh: readonly Measured[]): Measured[] {
  const same = (one: Measured) => (other: Measured) => one.contender === other.contender && one.event === other.event;
  const all = [...before.filter((one) => !fresh.some(same(one))), ...fresh];
  const place = ({ contender }: Measured) => contenders.findIndex(({ name }) => name === contender);
  return all.sort((one, other) => place(one) - place(other));
}

function chosen<T extends { name: string }>(all: readonly T[], names: string | undefined): T[] {
  if (names === undefined) return [...all];
  return names.split(",").map((name) => {
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
