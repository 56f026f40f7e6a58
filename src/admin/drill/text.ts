import type { DrillPart, DrillReport, DrillStep } from "../../model/drill.ts";
import { wrap } from "../status/columns.ts";

const parts: Readonly<Record<DrillPart, string>> = {
  checks: "checks",
  there: "move there",
  kill: "Redis killed",
  recover: "recovery",
  back: "move back",
};

const heads = ["", "waited", "took", "no write for", "predicted", "lost"];
const rightFrom = 1;

const seconds = (value: number): string => `${value.toFixed(2)} s`;
const milliseconds = (value: number | null): string => (value === null ? "-" : `${value} ms`);

const cellsOf = ({ part, waited_s, took_s, gap_ms, predicted_ms, lost }: DrillStep): string[] => [
  parts[part],
  seconds(waited_s),
  seconds(took_s),
  milliseconds(gap_ms),
  predicted_ms === null ? "-" : `at most ${predicted_ms} ms`,
  lost === null ? "-" : String(lost),
];

/** The report as lines of at most `width` characters. */
export function drillLines(report: DrillReport, width: number): string[] {
  const { cluster, master, replica, from, from_holder: onHolder, profile, writes, steps } = report;
  const rows = [heads, ...steps.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const where = `${from}, ${onHolder ? "which had" : "which did not have"} the virtual IP`;
  const title = `${cluster}: from ${master} to ${replica} and back, profile ${profile ?? "not known"}, ${writes} writes acknowledged; run on ${where}`;
  return [
    ...wrap(title, width),
    "",
    ...rows.map((row) =>
      row
        .map((cell, column) =>
          column < rightFrom ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    ),
    "",
  ];
}
