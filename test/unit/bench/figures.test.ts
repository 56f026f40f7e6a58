import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { withFigures } from "../../bench/figures.ts";
import { markdown } from "../../bench/markdown.ts";
import { read } from "../../bench/results.ts";

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const text = (name: string) => readFileSync(path(name), "utf8");
const results = read(path("bench"));

it("README.md has the figures of bench/results.jsonl (npm run bench -- --render writes them)", () => {
  assert.equal(text("README.md"), withFigures(text("README.md"), results));
});

it("bench/RESULTS.md has them, too", () => {
  assert.equal(text("bench/RESULTS.md"), markdown(results));
});
