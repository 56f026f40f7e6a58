import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { inUnits, progressLine } from "../../../src/admin/reporter.ts";

describe("the progress line", () => {
  const cases: [number, number, number, string][] = [
    [0, 100e6, 0, "[........................] 0 %, 0 B of 100 MB, 0 s to go"],
    [25e6, 100e6, 1, "[######..................] 25 %, 25.0 MB of 100 MB, 3 s to go"],
    [99.9e6, 100e6, 10, "[########################] 99 %, 99.9 MB of 100 MB, 1 s to go"],
    [100e6, 100e6, 10, "[########################] 100 %, 100 MB of 100 MB, 0 s to go"],
    // A source that makes its copy while it sends it doesn't know how long it gets.
    [25e6, 0, 10, "25.0 MB, 2.5 MB/s"],
    [25e6, -1, 10, "25.0 MB, 2.5 MB/s"],
    [0, -1, 0, "0 B, 0 B/s"],
  ];
  for (const [bytes, total, seconds, expected] of cases) {
    it(expected, () => assert.equal(progressLine(bytes, total, seconds), expected));
  }

  it("is one short line whatever the numbers, and never more than 100 %", () => {
    const count = fc.double({ min: 0, max: 1e15, noNaN: true }).map(Math.floor);
    const seconds = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(count, count, seconds, (bytes, total, time) => {
        const line = progressLine(bytes, total, time);
        assert.ok(line.length < 100, line);
        assert.doesNotMatch(line, /NaN|Infinity|undefined|-/);
        assert.ok(Number(/(\d+) %/.exec(line)?.[1] ?? 0) <= 100);
      }),
    );
  });
});

describe("bytes in units", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [123_456, "123 kB"],
    [25_300_000, "25.3 MB"],
    [4e9, "4.0 GB"],
    [7e15, "7000 TB"],
  ];
  for (const [bytes, expected] of cases) it(expected, () => assert.equal(inUnits(bytes), expected));
});
