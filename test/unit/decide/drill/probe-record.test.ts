import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { longestGap_ms, lostBefore, lostIn, type ProbeRecord } from "../../../../src/decide/drill/probe-record.ts";

const record = (...acknowledged_ms: number[]): ProbeRecord => ({ acknowledged_ms, losses: [] });

describe("the longest time without an acknowledged write", () => {
  it("is that between two of them", () => {
    assert.equal(longestGap_ms(record(1, 2, 9, 12, 13), 1, 14), 7);
    assert.equal(longestGap_ms(record(1, 1.5, 2), 1, 2.25), 0.5);
  });

  it("counts as a whole if it began before the part", () => {
    assert.equal(longestGap_ms(record(1, 2, 9, 12), 5, 13), 7);
  });

  it("counts up to the end of the part if it still goes on", () => {
    assert.equal(longestGap_ms(record(1, 2, 3), 1, 13), 10);
    assert.equal(longestGap_ms(record(1, 2, 13), 1, 13), 11);
    assert.equal(longestGap_ms(record(1, 2, 30), 1, 13), 11);
  });

  it("is not one of an earlier part", () => {
    assert.equal(longestGap_ms(record(1, 9, 10, 11), 10, 12), 1);
    assert.equal(longestGap_ms(record(1, 9, 10, 11), 9, 12), 8);
  });

  it("is the whole part without any write", () => {
    assert.equal(longestGap_ms(record(), 10, 25), 15);
  });
});

describe("lost writes", () => {
  it("are those that the new master does not have", () => {
    assert.equal(lostBefore(10, 7), 3);
    assert.equal(lostBefore(10, 10), 0);
    assert.equal(lostBefore(10, undefined), 10);
  });

  it("are none where a write is there that was not acknowledged", () => {
    assert.equal(lostBefore(10, 11), 0);
  });

  it("count in the part in which they were noticed", () => {
    const losses = [5, 10, 12, 20].map((at_ms) => ({ at_ms, writes: at_ms }));
    assert.equal(lostIn({ acknowledged_ms: [], losses }, 10, 20), 22);
    assert.equal(lostIn({ acknowledged_ms: [], losses }, 21, 30), 0);
  });
});
