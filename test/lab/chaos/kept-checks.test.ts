import assert from "node:assert/strict";
import { test } from "node:test";
import { type Finding, type Place, verdictOf } from "./kept-verdict.ts";
import { lostLastValues, type SharedWrite } from "./shared-keys.ts";

/** What a round with `diverged_writes = "apply"` is checked for. */

const file = "one:000001.aof";
const both: Place = { is: "a conflict", file, why: "both sides changed this key" };
const unknown: Place = { is: "a conflict", file, why: "the backlog no longer reaches back" };
const left: Place = { is: "not applied", file };
const applied: Place = { is: "applied", file };
const dump = (because?: string): Place => ({ is: "in a dump", file: "one:000002.rdb", because });

/** Places, whether both sides change the key, whether a Redis was ended; a cause, or what is wrong. */
const cases: [places: Place[], shared: boolean, ended: boolean, expected: RegExp | undefined, good: boolean][] = [
  [[], false, true, undefined, false],
  [[unknown], false, false, /^a conflict: the backlog/, true],
  [[both], true, false, /^a conflict: both sides/, true],
  [[both], false, false, /only one side changed the key/, false],
  [[left], false, false, /can be applied, and was not/, false],
  [[left], true, true, /can be applied, and was not/, false],
  [[left, unknown, dump("a full disk")], true, true, /can be applied, and was not/, false],
  [[both, dump("a full disk")], false, false, /only one side changed the key/, false],
  [[applied], false, true, /a Redis was ended later/, true],
  [[applied], false, false, /it was applied, .* is not on the master/, false],
  [[dump("the backlog is too short")], false, false, /^in a dump: the backlog is too short/, true],
  [[dump()], false, false, /nothing says why not the writes/, false],
  [[dump(), unknown], false, false, /^a conflict: the backlog/, true],
  [[{ is: "taken away", file }], false, false, /disk that the test removed/, true],
  [[{ is: "refused", file, why: "no node is master" }], false, false, /refused: no node is master/, false],
];

test("a write that is not on the master needs a file that says why", () => {
  for (const [places, shared, ended, expected, good] of cases) {
    const found: Finding | undefined = verdictOf(places, shared, ended);
    const text = found && ("cause" in found ? found.cause : found.unexplained);
    const about = JSON.stringify({ places, shared, ended, found });
    if (expected === undefined) assert.equal(found, undefined, about);
    else assert.match(text ?? "", expected, about);
    assert.equal(found !== undefined && "cause" in found, good, about);
  }
});

const write = (writer: string, at_ms: number, replaced?: string, acknowledged = true): SharedWrite => ({
  ...{ key: "k", value: `${writer} ${at_ms}`, writer, at_ms, runId: writer, acknowledged, replaced },
});
const lost = (writes: SharedWrite[], value?: string) =>
  lostLastValues(writes, new Map(value === undefined ? [] : [["k", value]])).lost.map((one) => one.value);

test("of a key of both sides the last value of each side counts, and not what was replaced on the way", () => {
  const before = [write("a", 1), write("a", 2, "a 1")];
  assert.deepEqual(lost(before, "a 2"), []);
  // A planned move: the other one goes on from the last value.
  assert.deepEqual(lost([...before, write("b", 3, "a 2")], "b 3"), []);
  // A split after a 2.
  const split = [...before, write("b", 3, "a 2"), write("a", 4, "a 2"), write("a", 5, "a 4"), write("b", 6, "b 3")];
  assert.deepEqual(lost(split, "b 6"), ["a 5"]);
  assert.deepEqual(lost(split, "a 5"), ["b 6"]);
  assert.deepEqual(lost(split), ["a 5", "b 6"]);
});

test("a write without an answer stands for the one before it, and is a value that a client wrote", () => {
  const writes = [write("a", 1), write("a", 2, undefined, false)];
  assert.deepEqual(lost(writes, "a 2"), []);
  assert.deepEqual(lost([...writes, write("b", 3, "a 2")], "b 3"), []);
  const [value] = lostLastValues([...writes, write("b", 3)], new Map([["k", "b 3"]])).lost;
  assert.deepEqual([value?.value, value?.later], ["a 1", ["a 2"]]);
});

test("a value that no client wrote is a fault", () => {
  assert.match(lostLastValues([write("a", 1)], new Map([["k", "x"]])).problems[0] ?? "", /which no client wrote/);
});
