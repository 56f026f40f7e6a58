import { stripVTControlCharacters } from "node:util";

/** How many rows a line takes on a terminal, which goes on in the next row where a line is too long. Colours take no room. */
const rowsOf = (line: string, columns: number): number =>
  Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));

/**
 * The lines that fit on a terminal: the title and what follows it, and the conclusion, which is what stands behind the last empty line.
 * Of those between, a line says how many are not shown. Where not even that fits, the last line counts most.
 */
export function fitted(lines: readonly string[], rows: number, columns: number): string[] {
  if (rowsOfAll(lines, columns) <= rows) return [...lines];
  const end = lines.lastIndexOf("") + 1;
  const conclusion = asManyAsFit(lines.slice(end).reverse(), rows, columns).reverse();
  const left = rows - rowsOfAll(conclusion, columns) - 1;
  if (left < 0) return conclusion;
  const top = asManyAsFit(lines.slice(0, end), left, columns);
  return [...top, notShown(lines.length - top.length - conclusion.length), ...conclusion];
}

const rowsOfAll = (lines: readonly string[], columns: number): number =>
  lines.reduce((sum, line) => sum + rowsOf(line, columns), 0);

/** From the first one on. */
function asManyAsFit(lines: readonly string[], rows: number, columns: number): string[] {
  let used = 0;
  const over = lines.findIndex((line) => {
    used += rowsOf(line, columns);
    return used > rows;
  });
  return lines.slice(0, over < 0 ? lines.length : over);
}

const notShown = (count: number): string => `... ${count} line${count === 1 ? " is" : "s are"} not shown`;
