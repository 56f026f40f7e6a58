import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compareHistories } from "../../../src/decide/history.ts";
import { weStayMaster } from "../../../src/decide/who-stays.ts";
import type { History } from "../../../src/model/history.ts";
import type { Observed } from "../../../src/model/observation.ts";
import type { SeenPeer } from "../../../src/model/situation.ts";
import { at, master } from "./situations.ts";

const stays = (ours: Observed, holdsVip: boolean, theirs: Observed): boolean => {
  const peer: SeenPeer = { name: "server12", host: "192.0.2.12", port: 6379, seen: theirs };
  return weStayMaster(ours, holdsVip, peer);
};

const diverged = { id: "a", until: 100 };
const keys = (count: number) => ({ keys: count });

describe("of two masters that see each other", () => {
  const rows: [string, Observed, Observed, "this one" | "the other one" | "the holder"][] = [
    ["the other one went on from us", master(at(100)), master(at(150, "b", diverged)), "the other one"],
    ["we went on from the other one", master(at(150, "b", diverged)), master(at(100)), "this one"],
    ["both wrote, we more", master(at(190)), master(at(150, "b", diverged)), "this one"],
    ["both wrote, we less", master(at(110)), master(at(150, "b", diverged)), "the other one"],
    ["both wrote as much", master(at(150)), master(at(150, "b", diverged)), "the holder"],
    ["nobody wrote since", master(at(100)), master(at(100, "b", diverged)), "the holder"],
    ["nothing in common", master(at(100)), master(at(500, "x")), "the holder"],
    ["the other one restarted empty", master(at(100)), master(at(0, "x"), keys(0)), "this one"],
    ["we restarted empty", master(at(0, "x"), keys(0)), master(at(100)), "the other one"],
    ["both are empty and new", master(at(0), keys(0)), master(at(0, "x"), keys(0)), "the holder"],
    ["nobody counted our writes", master({ ...at(100), uncounted: true }), master(at(150)), "the holder"],
  ];
  for (const [name, ours, theirs, who] of rows) {
    it(`${name}: ${who} stays`, () => {
      for (const holdsVip of [true, false]) {
        assert.equal(stays(ours, holdsVip, theirs), who === "the holder" ? holdsVip : who === "this one");
      }
    });
  }
});

const offset = fc.integer({ min: 0, max: 5 });
const id = fc.constantFrom("a", "b", "c");
const history: fc.Arbitrary<History> = fc
  .record({ id, offset, previous: fc.option(fc.record({ id, until: offset }), { nil: undefined }) })
  .map(({ id, offset, previous }) =>
    at(
      offset,
      id,
      previous && previous.id !== id ? { id: previous.id, until: Math.min(previous.until, offset) } : undefined,
    ),
  );
const anyMaster = fc
  .record({ history, keys: fc.constantFrom(0, 1, 100) })
  .map(({ history, keys }) => master(history, { keys }));

describe("any two masters", () => {
  it("come to the same answer, each for itself: exactly one stays, whoever of the two holds the virtual IP", () => {
    fc.assert(
      fc.property(anyMaster, anyMaster, fc.boolean(), (a, b, aHolds) => {
        assert.notEqual(stays(a, aHolds, b), stays(b, !aHolds, a));
      }),
      { numRuns: 2000 },
    );
  });

  it("need to know the holder only where their histories can't tell them apart", () => {
    fc.assert(
      fc.property(anyMaster, anyMaster, (a, b) => {
        const relation = compareHistories(a.history, b.history);
        const undecided =
          relation.kind === "same" ||
          (relation.kind === "diverged" && relation.ours === relation.theirs) ||
          (relation.kind === "unrelated" && a.keys > 0 === b.keys > 0);
        assert.equal(stays(a, true, b) !== stays(a, false, b), undecided);
      }),
      { numRuns: 2000 },
    );
  });

  it("the one that stays has all that the other one has, or took more of its own, or is not empty", () => {
    fc.assert(
      fc.property(anyMaster, anyMaster, fc.boolean(), (a, b, holdsVip) => {
        const [winner, loser] = stays(a, holdsVip, b) ? [a, b] : [b, a];
        const relation = compareHistories(winner.history, loser.history);
        assert.notEqual(relation.kind, "behind");
        if (relation.kind === "diverged") assert.ok(relation.ours >= relation.theirs);
        if (relation.kind === "unrelated" && loser.keys > 0) assert.ok(winner.keys > 0);
      }),
      { numRuns: 2000 },
    );
  });
});
