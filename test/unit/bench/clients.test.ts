import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { libraries } from "../../bench/clients/libraries.ts";
import { clientTables, withClients } from "../../bench/clients/page.ts";
import { read } from "../../bench/results.ts";

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const page = readFileSync(path("docs/clients.md"), "utf8");

it("docs/clients.md has the tables of bench/results.jsonl (npm run bench -- --render writes them)", () => {
  assert.equal(page, withClients(page, read(path("bench")).clients));
});

it("docs/clients.md has a section for each library that is measured", () => {
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading.toLowerCase());
  for (const { label } of libraries)
    assert.ok(
      headings.some((heading) => heading.split(/[^a-z-]+/).includes(label.toLowerCase())),
      `no section for ${label}`,
    );
});

it("a run without recovery is no gap, and what is not here is named with its package", () => {
  const trial = { lost: 0, failures: { "Error: a | b": 3 }, events: {}, load: 1 };
  const hiredis = { library: "hiredis", version: "1.0.0", date: "2026-01-01" };
  const tables = clientTables([
    { ...hiredis, setting: "default", event: "crash", trials: [10, null, 30].map((gap_ms) => ({ ...trial, gap_ms })) },
    { ...hiredis, setting: "default", event: "hang", trials: [{ ...trial, gap_ms: null }] },
  ]);
  assert.match(tables, /\| hiredis 1\.0\.0, default +\| +20 \(1 of 3: none in 40 s\) \| +none in 40 s \| +3 \|/);
  assert.match(tables, /Error: a \/ b \(3\)/);
  assert.match(tables, /Not here: ioredis5 \(npm ci\).*redis-rb \(apt-get install ruby-redis\)/);
});
