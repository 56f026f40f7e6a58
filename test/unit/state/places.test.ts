import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { placesIn, placesText } from "../../../src/state/places.ts";

describe("places of writes as text", () => {
  for (const [places, text] of [
    [[], ""],
    [[7], "7"],
    [[0, 1, 2, 5, 7, 8], "0-2,5,7-8"],
  ] as const)
    it(`${text === "" ? "none" : text}`, () => {
      assert.equal(placesText(places), text);
      assert.deepEqual(placesIn(text), places);
    });

  it("are the same when they are read again", () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(100_000)), (places) => assert.deepEqual(placesIn(placesText(places)), places)),
    ));

  it("a hundred thousand in a row are short", () =>
    assert.equal(placesText(Array.from({ length: 100_000 }, (_, place) => place)), "0-99999"));

  it("numbers, as an older description has them, are refused", () =>
    assert.throws(() => placesIn([0, 1] as unknown as string), SyntaxError));

  for (const text of ["-", "1-", "x", "3-2", "1,,2", "1 "])
    it(`"${text}" is refused`, () => assert.throws(() => placesIn(text), SyntaxError));
});
