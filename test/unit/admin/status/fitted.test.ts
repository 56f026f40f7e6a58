import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { fitted } from "../../../../src/admin/status/fitted.ts";
import { paintFor } from "../../../../src/admin/status/paint.ts";
import { statusLines } from "../../../../src/admin/status/text.ts";
import { statusReport } from "../../../../src/decide/status/report.ts";
import { gathered, worlds } from "../../decide/status/gathered.ts";

const terminal = { isTTY: true } as NodeJS.WriteStream;
const paint = paintFor(terminal, {});

/** How many rows a terminal of so many columns needs, which goes on in the next row where a line is too long. */
const rowsOf = (lines: string[], columns: number): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)), 0);

describe("on a low terminal the title and the conclusion are shown, in any situation", () => {
  for (const [title, world] of Object.entries(worlds))
    it(title, () => {
      for (const from of ["server11", "server12"] as const) {
        const lines = statusLines(statusReport(gathered(world, from)), 80, paint);
        const conclusion = lines.slice(lines.lastIndexOf("") + 1);
        for (let rows = 10; rows < lines.length; rows++) {
          const shown = fitted(lines, rows, 80);
          assert.ok(rowsOf(shown, 80) <= rows);
          assert.equal(shown[0], lines[0]);
          assert.deepEqual(shown.slice(-conclusion.length), conclusion);
          const said = Number(
            shown.map((line) => /^\.\.\. (\d+) lines? (?:is|are) not shown$/.exec(line)?.[1]).find(Boolean),
          );
          assert.equal(said, lines.length - (shown.length - 1));
        }
      }
    });
});

it("all is shown where it fits, and a command that goes on in the next row takes two", () => {
  const lines = ["title", "table", "", "WARNING", "x".repeat(60)];
  assert.deepEqual(fitted(lines, 6, 40), lines);
  assert.deepEqual(fitted(lines, 5, 40), ["title", "... 2 lines are not shown", ...lines.slice(-2)]);
});

it("on the lowest terminals the last line counts most, then the conclusion, then the title", () => {
  const lines = ["title", "table", "", "WARNING", "Next"];
  assert.deepEqual(
    [4, 3, 2, 1].map((rows) => fitted(lines, rows, 80)),
    [
      ["title", "... 2 lines are not shown", "WARNING", "Next"],
      ["... 3 lines are not shown", "WARNING", "Next"],
      ["WARNING", "Next"],
      ["Next"],
    ],
  );
});
