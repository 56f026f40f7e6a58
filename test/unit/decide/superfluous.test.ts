import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type KeptFile, superfluous } from "../../../src/decide/superfluous.ts";

const day_s = 24 * 3600;
/** Files of 10 bytes by their age in days, the newest first. Each is named by its age. */
const files = (...days: number[]): KeptFile[] =>
  days.map((day) => ({ name: String(day), bytes: 10, age_s: day * day_s }));
const gone = (kept: KeptFile[], count: number, bytes = 1000) =>
  superfluous(kept, { count, bytes }).map(({ name }) => Number(name));

describe("what goes from the quarantine", () => {
  it("nothing within the limits", () => {
    assert.deepEqual(gone(files(0, 1, 30), 3, 30), []);
    assert.deepEqual(gone([], 0, 0), []);
  });

  it("those older than a week, the oldest first", () => {
    assert.deepEqual(gone(files(0, 1, 8, 9, 30), 3), [30, 9]);
  });

  it("of a week those in the middle, so that the first and the last stay", () => {
    assert.deepEqual(gone(files(0, 1, 2, 3, 4, 5), 4), [3, 2]);
    assert.deepEqual(gone(files(0, 1, 2, 9), 2), [9, 1]);
  });

  it("as many as the bytes need, and never the newest", () => {
    assert.deepEqual(gone(files(0, 1, 2), 10, 25), [1]);
    assert.deepEqual(gone(files(0, 1, 2), 10, 5), [1, 2]);
    assert.deepEqual(gone(files(0, 1, 2), 0, 0), [1, 2]);
  });

  it("a file of the future is young", () => {
    assert.deepEqual(gone(files(-400, 1, 2), 2), [1]);
  });
});
