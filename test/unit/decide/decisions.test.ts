import assert from "node:assert/strict";
import { basename } from "node:path";
import { it } from "node:test";
import { pages, written } from "../../../scripts/decisions.ts";

for (const { file, text } of pages)
  it(`docs/${basename(file)} says what the code says (npm run decisions writes it)`, () => {
    assert.equal(written(file), text());
  });
