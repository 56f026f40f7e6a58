import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { checkLine } from "../../../../src/admin/status/check-line.ts";
import { statusLines } from "../../../../src/admin/status/text.ts";
import { statusReport } from "../../../../src/decide/status/report.ts";
import { gathered, type World, worlds } from "../../decide/status/gathered.ts";

// UPDATE_GOLDEN=1 npm run test:unit golden: writes them anew; what git then shows is what an operator would find changed.
const update = process.env.UPDATE_GOLDEN === "1";

const nodes = ["server11", "server12"] as const;

/** What `status` prints from either node, at 80 and 120 columns, and with `--check`. */
function printed(world: World): string {
  const parts = nodes.flatMap((from) => {
    const input = gathered(world, from);
    const report = statusReport(input);
    const { line, code } = checkLine(report, input.settings.maxMissing);
    return [
      ...[80, 120].map((width) => [`## from ${from}, ${width} columns`, ...statusLines(report, width)].join("\n")),
      `## from ${from}, --check\n${line}\nexit ${code}`,
    ];
  });
  return `${parts.join("\n\n")}\n`;
}

/** What `--json` prints from either node; here with a line for each datum. */
function json(world: World): string {
  const lines = (value: object) =>
    Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`);
  const reports = nodes.map((from) => {
    const { nodes: shown, ...rest } = statusReport(gathered(world, from));
    const each = shown.map((node) => `{\n  ${lines(node).join(",\n  ")}}`);
    return `{\n${lines(rest).join(",\n")},\n"nodes":[${each.join(",")}]}`;
  });
  return `[${reports.join(",\n")}]\n`;
}

function assertGolden(name: string, text: string): void {
  const file = new URL(`golden/${name}`, import.meta.url);
  if (update) writeFileSync(file, text);
  assert.ok(existsSync(file), `${name} is missing`);
  assert.equal(text, readFileSync(file, "utf8"));
}

describe("status prints, byte for byte, what is in golden/", () => {
  for (const [title, world] of Object.entries(worlds)) {
    const name = title.replaceAll(/[, ]+/g, "-");
    it(`${title}: as text`, () => assertGolden(`${name}.txt`, printed(world)));
    it(`${title}: as JSON`, () => assertGolden(`${name}.json`, json(world)));
  }
});

describe("no line of text is wider than the terminal, but for a command that is to be copied", () => {
  for (const [title, world] of Object.entries(worlds))
    for (const width of [40, 60, 80, 120, 200])
      it(`${title}, ${width} columns`, () => {
        for (const line of statusLines(statusReport(gathered(world, "server11")), width))
          assert.ok(line.length <= width || line.startsWith("Next"), line);
      });
});
