import { readFileSync, writeFileSync } from "node:fs";
import { events } from "./events.ts";
import type { Measured, Results, Row } from "./results.ts";
import { summarise } from "./statistics.ts";
import { figure, table } from "./table.ts";

/** The figures in README.md: the same results as bench/RESULTS.md, the worst case beside each median. */

const shown = ["scripts", "sentinel-1s", "hooks", "agent"];
const [begin, end] = ["<!-- figures: written by npm run bench -->", "<!-- end of the figures -->"];

export function figures({ machine, failovers }: Results): string {
  const rows = (cell: (measured: Measured) => string) =>
    table(
      events.map(({ name, short }): Row => {
        const cells = shown.map((contender) => {
          const measured = failovers.find((one) => one.contender === contender && one.event === name);
          return [contender, measured && measured.trials.length > 0 ? cell(measured) : "-"];
        });
        return { "": short, ...Object.fromEntries(cells) };
      }),
    );
  const { Processor, Redis, Keepalived } = machine;
  return [
    "Time without an acknowledged write, in ms: median (longest)",
    rows(({ trials }) => {
      const { median, max } = summarise(trials.map(({ gap_ms }) => gap_ms));
      return `${figure(median)} (${figure(max)})`;
    }),
    "Acknowledged writes lost in the worst run",
    rows(({ trials }) => lost(trials)),
    "Two masters at once that clients can reach, in ms: median (longest)",
    rows(({ trials }) => {
      const { median, max } = summarise(trials.map(({ twoMasters_ms }) => twoMasters_ms));
      return max === 0 ? "0" : `${figure(median)} (${figure(max)})`;
    }),
    `Runs: ${shown.map((contender) => runsOf(contender, failovers)).join("; ")}. ` +
      `${Processor}, Redis ${Redis}, Keepalived ${Keepalived}.`,
  ].join("\n\n");
}

function lost(trials: Measured["trials"]): string {
  const most = Math.max(...trials.map((one) => one.lost));
  const gone = Math.max(...trials.flatMap((one) => one.gone ?? one.lost));
  if (most === 0) return "0";
  if (gone === 0) return `${figure(most)}, kept in a dump`;
  return gone === most ? figure(most) : `${figure(most)}, ${figure(gone)} in no dump`;
}

/** "agent 8 (crash 100, move 50)": the number that most events have, and the others. */
function runsOf(contender: string, failovers: readonly Measured[]): string {
  const counts = failovers
    .filter((one) => one.contender === contender)
    .map(({ event, trials }) => [event, trials.length]);
  const usual = Math.min(...counts.map(([, count]) => Number(count)));
  const others = counts.filter(([, count]) => count !== usual).map(([event, count]) => `${event} ${count}`);
  return `${contender} ${usual}${others.length > 0 ? ` (${others.join(", ")})` : ""}`;
}

/** The page with the figures between its two marks. */
export function withFigures(page: string, results: Results): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`README.md has no ${begin} and ${end}`);
  return `${before}${begin}\n\n${figures(results)}\n\n${end}${after}`;
}

export function writeFigures(file: string, results: Results): void {
  writeFileSync(file, withFigures(readFileSync(file, "utf8"), results));
}
