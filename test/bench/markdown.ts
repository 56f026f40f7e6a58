import { contenders } from "./contenders/all.ts";
import { events } from "./events.ts";
import type { Measured, Results, Row } from "./results.ts";
import { summarise } from "./statistics.ts";

/** bench/RESULTS.md: what a person reads. */
export function markdown({ machine, failovers, tables }: Results): string {
  const dates = [...failovers, ...tables].map(({ date }) => date.slice(0, 10)).sort();
  const parts = [
    "# What a failover costs, measured side by side",
    "Made by `npm run bench`: whole hosts on one machine (network namespaces), real Redis, Keepalived and Sentinel, a " +
      "client that writes all the time. Another machine gives other figures; what counts is how they compare.",
    table([{ ...machine, Measured: [...new Set([dates[0], dates.at(-1)])].join(" to ") }]),
    "![the gaps, run by run](gaps.svg)",
    contenders.map(({ name, what }) => `- **${name}**: ${what}`).join("\n"),
    "*Gap*: the client's longest time without an acknowledged write. The client retries at once and gives a connection " +
      "5 ms, a reply 25 ms. *Lost*: acknowledged writes that the last master does not have; *not kept*: those of them that " +
      "are in no dump either. *Two masters*: time with two writable masters that clients can reach; one that hangs or is cut " +
      "off counts from its return on. p99 of fewer than 100 runs is their maximum.",
    ...events.flatMap(({ name, what }) => {
      const rows = failovers.filter(({ event }) => event === name).map(row);
      return rows.length > 0 ? [`## ${name}: ${what}`, table(rows)] : [];
    }),
    ...tables.flatMap(({ title, rows }) => [`## ${title}`, table(rows)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function row({ contender, trials, failed }: Measured): Row {
  const gap = summarise(trials.map(({ gap_ms }) => gap_ms));
  const lost = summarise(trials.map((one) => one.lost));
  const two = summarise(trials.map(({ twoMasters_ms }) => twoMasters_ms));
  const unsettled = trials.filter(({ settled }) => !settled).length;
  return {
    "": contender,
    runs: `${gap.runs}${failed > 0 ? ` (and ${failed} failed)` : ""}`,
    "gap median ms": figure(gap.median),
    "p99 ms": figure(gap.p99),
    "max ms": figure(gap.max),
    "lost median": figure(lost.median),
    "lost max": figure(lost.max),
    "not kept max": figure(summarise(trials.flatMap(({ gone }) => gone ?? [])).max),
    "two masters median ms": figure(two.median),
    "max two masters ms": `${figure(two.max)}${unsettled > 0 ? ` (${unsettled} without end)` : ""}`,
  };
}

export const figure = (value: number): string =>
  Number.isNaN(value) ? "-" : value < 10 ? String(Number(value.toFixed(1))) : Math.round(value).toLocaleString("en");

/** The columns are those of the first row. */
export function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [
    columns,
    columns.map(() => ""),
    ...rows.map((each) => columns.map((name) => String(each[name] ?? ""))),
  ];
  const widths = columns.map((_, index) => Math.max(3, ...cells.map((line) => line[index]?.length ?? 0)));
  return cells
    .map((line, number) => {
      const padded = line.map((cell, index) =>
        number === 1
          ? "-".repeat(widths[index] ?? 3)
          : index
            ? cell.padStart(widths[index] ?? 0)
            : cell.padEnd(widths[index] ?? 0),
      );
      return `| ${padded.join(" | ")} |`;
    })
    .join("\n");
}
