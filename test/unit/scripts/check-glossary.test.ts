import assert from "node:assert/strict";
import { it } from "node:test";
import { hits, notCalled } from "../../../scripts/check-glossary.ts";

const words = notCalled(`
| word | what it means | not called |
|---|---|---|
| cluster | the nodes | |
| remedy | what to do next | hint, way out |
`);

const found = (text: string) => hits(text, words).map(({ line, called }) => `${line} ${called}`);

it("reads what a thing is not called from the last column", () => {
  assert.deepEqual([...words.keys()], ["hint", "way out"]);
});

it("finds a word in prose, in names and from one line of a comment to the next", () => {
  assert.deepEqual(found("a Hint\nconst lastHint = way_out;\nnew WayOut()"), [
    "1 hint",
    "2 hint",
    "2 way out",
    "3 way out",
  ]);
  assert.deepEqual(found("// It says the way\n// out of it.\n/* the way\n * out */"), ["1 way out", "3 way out"]);
});

it("finds no word in a longer one, nor across the end of a sentence", () => {
  assert.deepEqual(found("hinterland, WAYOUTS; that way. Out of here: HINTS"), []);
});
