import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fencesLocal, firstFit, describe as inWords, unfenceFirst } from "../../../src/decide/plan.ts";
import type { Plan, Row, Step } from "../../../src/model/plan.ts";

const here = { name: "server11", host: "192.0.2.11", port: 6379 };
const there = { name: "server12", host: "192.0.2.12", port: 6379 };

describe("a step in words", () => {
  const rows: [Step, RegExp][] = [
    [{ do: "promote", at: here }, /server11 a master/],
    [{ do: "hand-over", from: there }, /master role .* from server12/],
    [{ do: "follow", at: here, source: there }, /server11 a replica of server12/],
    [
      { do: "quarantine", source: there, because: "two masters", bytes: 7 },
      /diverged writes: server12 lacks the last 7 bytes .*two masters/,
    ],
    [
      { do: "quarantine", source: there, because: "two masters", bytes: undefined },
      /dump .*can't be compared with that of server12.*two masters/,
    ],
    [{ do: "wait-answer" }, /until the peers answer/],
    [{ do: "wait-synced" }, /in sync/],
    [{ do: "wait-loaded" }, /loaded/],
    [{ do: "fence", seconds: 15 }, /writes back for 15 s$/],
    [{ do: "fence", seconds: 15, at: there }, /writes back for 15 s at server12$/],
    [{ do: "park" }, /park the local Redis: it copies from nobody/],
    [{ do: "confirm" }, /only if the decision is still the same/],
    [{ do: "park-on-resume" }, /commands to park/],
    [{ do: "fence-on-resume", at: there, seconds: 5 }, /server12 the command to hold writes back for 5 s/],
    [{ do: "unfence" }, /writes through$/],
    [{ do: "unfence", at: there }, /writes through at server12$/],
    [{ do: "drop-clients" }, /sessions of clients/],
    [{ do: "persist", at: there, on: true }, /snapshots on at server12/],
    [{ do: "persist", at: here, on: false }, /snapshots off at server11/],
  ];
  for (const [step, expected] of rows)
    it(`says what ${step.do} does, and to whom`, () => assert.match(inWords(step), expected));
});

describe("a decision table", () => {
  const row = (when: string, fits: boolean): Row<string> => ({
    when,
    fits: () => fits,
    plan: (name) => ({ steps: [], refusal: { cause: name, remedy: when } }),
  });

  it("is read from the top: the first row that fits decides, and the plan names it", () => {
    const { row: decided, refusal } = firstFit([row("one", false), row("two", true), row("three", true)], "facts");
    assert.equal(decided, "two");
    assert.deepEqual(refusal, { cause: "facts", remedy: "two" });
  });

  it("without a row for what is left is a mistake in the table", () => {
    assert.throws(() => firstFit([row("one", false)], "facts"), /without a last row/);
  });
});

describe("a plan that holds our clients' writes back", () => {
  const plan = (...steps: Step[]): Plan => ({ row: "a row", steps });
  const fence: Step = { do: "fence", seconds: 15 };
  const quarantine: Step = { do: "quarantine", source: there, because: "two masters", bytes: 7 };
  const free = plan({ do: "promote", at: here }, { do: "fence", seconds: 15, at: there }, { do: "drop-clients" });

  it("has a fence of ours, or a dump of our data set, among its steps", () => {
    assert.equal(fencesLocal(plan({ do: "promote", at: here }, fence)), true);
    assert.equal(fencesLocal(plan(quarantine, { do: "park" })), true);
    assert.equal(fencesLocal(free), false, "a fence at another node holds none of ours back");
    assert.equal(fencesLocal(plan()), false);
  });

  it("and is given up half-way: the next one lets them through first, unless it holds them back itself", () => {
    assert.equal(unfenceFirst(plan(fence), free), true);
    assert.equal(unfenceFirst(plan(quarantine), plan()), true);
    assert.equal(unfenceFirst(plan(fence), plan(fence)), false, "a second master would take some in between");
    assert.equal(unfenceFirst(plan(fence), plan(quarantine)), false);
  });

  it("where nothing was given up, or nothing held back, there is nothing to let through", () => {
    assert.equal(unfenceFirst(undefined, free), false);
    assert.equal(unfenceFirst(free, free), false);
  });
});
