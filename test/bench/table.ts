import type { Row } from "./results.ts";

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
