import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { timelineReport } from "../../../src/report/incidents/report.ts";
import { timelineLines } from "../../../src/report/timeline/text.ts";
import { logsOf, samples } from "../report/timeline/samples.ts";
import { documentedKeys, keysIn } from "./json-keys.ts";

const page = readFileSync(new URL("../../../docs/timeline.md", import.meta.url), "utf8");
const schema = page.slice(page.indexOf("## JSON"));
const reportOf = (sample: string) => timelineReport(logsOf(sample), Number.NEGATIVE_INFINITY);

it("docs/timeline.md has every field that --json prints", () => {
  const documented = documentedKeys(schema);
  const missing = samples.flatMap((sample) => keysIn(reportOf(sample))).filter((key) => !documented.has(key));
  assert.deepEqual([...new Set(missing)], []);
});

it("docs/timeline.md has a story as timeline tells it", () => {
  const lines = timelineLines(reportOf("kill-redis")).map((line) => (line === "" ? "" : `    ${line}`));
  assert.ok(page.includes(lines.join("\n")));
});

it("docs/timeline.md has every cause that the code has, in its order, and no other", () => {
  const sources = ["causes.ts", "cause.ts"].map(
    (name) => new URL(`../../../src/report/incidents/${name}`, import.meta.url),
  );
  const code = sources.map((source) => readFileSync(source, "utf8")).join("");
  const inCode = [...code.matchAll(/\bcode: "([\w-]+)"/g)].map(([, cause]) => cause);
  const table = page.slice(page.indexOf("| `code` |"), page.indexOf("## Clocks"));
  const documented = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, cause]) => cause);
  assert.deepEqual(documented.slice(1), inCode);
});
