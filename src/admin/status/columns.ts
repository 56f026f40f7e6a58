import type { Cell } from "./cells.ts";

/** A line of the table: its label, and a cell for each node. `head`: the line begins a section. */
export interface Line {
  label: string;
  cells: Cell[];
  head?: boolean;
}

export type Style = "head" | "wrong" | "unseen" | "good" | "warning" | "none";
/** Gives a text its colour. The words say the same without it. */
export type Paint = (text: string, style: Style) => string;

const gap = 2;
const minimum = 26;
const narrowest = 10;

/** How many columns of nodes fit beside the labels, and how wide each is. */
export function columnsFor(width: number, label: number, nodes: number): { count: number; each: number } {
  const room = width - label;
  const count = Math.max(1, Math.min(nodes, Math.floor(room / (minimum + gap))));
  return { count, each: Math.max(narrowest, Math.floor(room / count) - gap) };
}

/** A line as rows of text: a cell that is too long for its column goes on in the next row. */
export function layOut({ label, cells, head }: Line, labelWidth: number, each: number, paint: Paint): string[] {
  const wrapped = cells.map(({ mark, text }) =>
    wrap(mark === "" ? text : `${mark} ${text}`, each, mark === "" ? 0 : 2),
  );
  const rows = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: rows }, (_, row) => {
    const first = (row === 0 ? `${head ? "" : "  "}${label}` : "").padEnd(labelWidth);
    const rest = wrapped.map((lines, column) => {
      const text = (lines[row] ?? "").padEnd(column === wrapped.length - 1 ? 0 : each + gap);
      const mark = cells[column]?.mark;
      return paint(text, head ? "head" : mark === "!" ? "wrong" : mark === "?" ? "unseen" : "none");
    });
    return `${head ? paint(first, "head") : first}${rest.join("")}`.trimEnd();
  });
}

/** Breaks a text at blanks, and a word that is longer than a line anywhere. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.replaceAll(/\s+/g, " ").split(" ")) {
    const start = lines.length > 0 ? " ".repeat(indent) : "";
    const longer = line === "" ? start + word : `${line} ${word}`;
    if (longer.length <= width) line = longer;
    else {
      if (line !== "") lines.push(line);
      line = " ".repeat(lines.length > 0 ? indent : 0) + word;
      for (; line.length > width; line = " ".repeat(indent) + line.slice(width)) lines.push(line.slice(0, width));
    }
  }
  return [...lines, line];
}
