import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { libraries } from "../../bench/clients/libraries.ts";
import { withClients } from "../../bench/clients/page.ts";
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
