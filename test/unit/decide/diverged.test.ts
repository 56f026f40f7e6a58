import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type Forced,
  groupsOf,
  keysOf,
  keysToWatch,
  largestGroup,
  sortOut,
  touch,
} from "../../../src/decide/diverged.ts";
import type { Touched, Unit, Write } from "../../../src/model/diverged.ts";

/** A write of these keys, of database 0 unless it is named: "3:key". */
function write(command: string, ...keys: string[]): Write {
  const named = keys.map((key) => {
    const [name = "", database = "0"] = key.split(":").reverse();
    return { database: Number(database), name };
  });
  return { database: named[0]?.database ?? 0, words: [command, ...keys].map((word) => Buffer.from(word)), keys: named };
}
const anyKey: Write = { database: 0, words: [Buffer.from("FLUSHALL")], keys: undefined };

const nothing: Forced = { all: false, keys: new Set() };
const touchedBy = (...writes: Write[]): Touched => {
  const touched: Touched = { keys: new Map() };
  touch(touched, writes);
  return touched;
};
const inWords = (units: readonly Unit[]): string[] =>
  units.map((unit) => unit.map(({ words }) => words.join(" ")).join(" + "));

interface Case {
  units: Unit[];
  master?: Touched;
  forced?: Forced;
  apply: string[];
  conflicts?: [unit: string, why: RegExp, theirs?: string][];
}

const cases: Record<string, Case> = {
  "a key that only this side changed: applied, in order": {
    units: [[write("SET", "a")], [write("APPEND", "a")]],
    master: touchedBy(write("SET", "b")),
    apply: ["SET a", "APPEND a"],
  },
  "a key that both sides changed: a conflict, with the last write of the master": {
    units: [[write("SET", "a")], [write("SET", "b")]],
    master: touchedBy(write("SET", "a"), write("DEL", "a")),
    apply: ["SET b"],
    conflicts: [["SET a", /both sides changed this key/, "DEL a"]],
  },
  "the same name in another database is another key": {
    units: [[write("SET", "3:a")]],
    master: touchedBy(write("SET", "a")),
    apply: ["SET 3:a"],
  },
  "a transaction: whole or not at all, and what comes after it on its keys is held, too": {
    units: [[write("SET", "b")], [write("SET", "a"), write("INCR", "b")], [write("INCR", "b")], [write("SET", "c")]],
    master: touchedBy(write("SET", "a")),
    apply: ["SET b", "SET c"],
    conflicts: [
      ["SET a + INCR b", /both sides/, "SET a"],
      ["INCR b", /an earlier write of this key is not applied/],
    ],
  },
  "the master may have changed any key: all are conflicts": {
    units: [[write("SET", "a")]],
    master: touchedBy(anyKey, write("SET", "z")),
    apply: [],
    conflicts: [["SET a", /both sides/, "FLUSHALL"]],
  },
  "a write that may change any key is not applied": {
    units: [[anyKey], [write("SET", "a")]],
    apply: ["SET a"],
    conflicts: [["FLUSHALL", /may change any key/]],
  },
  "a transaction with a write that may change any key is not applied": {
    units: [[write("SET", "a"), anyKey]],
    apply: [],
    conflicts: [["SET a + FLUSHALL", /may change any key/]],
  },
  "a write without a key is applied": { units: [[write("FUNCTION")]], apply: ["FUNCTION"] },
  "what the master changed is not known: all are conflicts": {
    units: [[write("SET", "a")]],
    master: { keys: new Map(), unknown: "no backlog" },
    apply: [],
    conflicts: [["SET a", /^no backlog$/]],
  },
  "a key by force, in any database, but not the others": {
    units: [[write("SET", "a")], [write("SET", "3:a")], [write("SET", "b")]],
    master: touchedBy(write("SET", "a", "b")),
    forced: { all: false, keys: new Set(["a"]) },
    apply: ["SET a", "SET 3:a"],
    conflicts: [["SET b", /both sides/, "SET a b"]],
  },
  "a key by force also where nothing is known": {
    units: [[write("SET", "a")], [write("SET", "b")]],
    master: { keys: new Map(), unknown: "no backlog" },
    forced: { all: false, keys: new Set(["b"]) },
    apply: ["SET b"],
    conflicts: [["SET a", /no backlog/]],
  },
  "all by force": {
    units: [[write("SET", "a")], [anyKey]],
    master: touchedBy(write("SET", "a")),
    forced: { all: true, keys: new Set() },
    apply: ["SET a", "FLUSHALL"],
  },
};

describe("which of the diverged writes are applied", () => {
  for (const [name, { units, master = touchedBy(), forced = nothing, apply, conflicts = [] }] of Object.entries(
    cases,
  )) {
    it(name, () => {
      const found = sortOut(units, master, forced);
      assert.deepEqual(inWords(found.apply), apply);
      assert.deepEqual(
        found.conflicts.map(({ unit }) => inWords([unit])[0]),
        conflicts.map(([unit]) => unit),
      );
      for (const [index, [, why, theirs]] of conflicts.entries()) {
        const conflict = found.conflicts[index];
        assert.match(conflict?.why ?? "", why);
        assert.equal(conflict?.theirs && inWords([[conflict.theirs]])[0], theirs);
        const named = conflict?.key && keysOf(conflict.unit).includes(conflict.key);
        assert.equal(named ?? true, true);
        assert.equal(conflict?.key === undefined, why.source.includes("any key"));
      }
    });
  }
});

describe("writes that belong together and are too many to be applied as one", () => {
  const script = (keys: number): Unit => Array.from({ length: keys }, (_, index) => write("SET", `k${index}`));
  const large = script(largestGroup.keys + 1);
  const sorted = (units: Unit[], forced = nothing) => {
    const { apply, conflicts } = sortOut(units, touchedBy(), forced);
    return [apply.length, conflicts.map(({ why }) => why.split(":")[0])];
  };
  const why = "it belongs together with too many other writes";

  it("are conflicts, and nothing of them is watched", () => {
    assert.deepEqual(sorted([script(largestGroup.keys)]), [1, []]);
    assert.equal(keysToWatch([script(largestGroup.keys)], nothing).length, largestGroup.keys);
    assert.deepEqual(sorted([large, [write("SET", "other")]]), [1, [why]]);
    assert.deepEqual(inWords([keysToWatch([large, [write("SET", "3:x")]], nothing).map(({ name }) => write(name))]), [
      "x",
    ]);
    const commands = Array.from({ length: largestGroup.commands + 1 }, () => [write("INCR", "a")]);
    assert.deepEqual((sorted(commands)[1] as string[])[0], why);
  });

  it("are applied if the operator says so", () => {
    assert.deepEqual(sorted([large], { all: true, keys: new Set() }), [1, []]);
    assert.deepEqual(keysToWatch([large], { all: true, keys: new Set() }), []);
    // Enough keys of it by force, and then one write of a key by force.
    assert.deepEqual(sorted([large], { all: false, keys: new Set(["k0"]) }), [1, []]);
    const both = [[...large, write("SET", "more")], [write("SET", "k0")]];
    assert.deepEqual(sorted(both, { all: false, keys: new Set(["k0"]) }), [1, [why]]);
  });
});

const unit = fc.array(
  fc.array(fc.constantFrom("a", "b", "c", "d", "3:a", "3:b"), { maxLength: 2 }).map((keys) => write("SET", ...keys)),
  { minLength: 1, maxLength: 2 },
);

describe("units that belong together", () => {
  it("share keys, directly or through others; each keeps its place", () => {
    const [one, two, three, four] = [
      [write("SET", "a")],
      [write("SET", "b")],
      [write("SET", "a", "b")],
      [write("SET", "c")],
    ];
    assert.deepEqual(groupsOf([one, four, two, three] as Unit[]), [[one, two, three], [four]]);
    assert.deepEqual(groupsOf([[write("SET", "a")], [write("SET", "3:a")]]).length, 2);
    const names = (units: Unit[]) => groupsOf(units).map((group) => inWords(group).join(", "));
    const set = (...keys: string[]): Unit => [write("SET", ...keys)];
    assert.deepEqual(names([set("a"), set("b"), set("c"), set("a", "b"), set("c"), set("b")]), [
      "SET a, SET b, SET a b, SET b",
      "SET c, SET c",
    ]);
    assert.deepEqual(groupsOf([]), []);
  });

  it("are all there once, and no key is in two groups", () => {
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
        const groups = groupsOf(units);
        assert.deepEqual(new Set(groups.flat()), new Set(units));
        assert.equal(groups.flat().length, units.length);
        const owner = new Map<string, number>();
        for (const [index, group] of groups.entries()) {
          assert.deepEqual(
            group.map((one) => units.indexOf(one)),
            group.map((one) => units.indexOf(one)).sort((a, b) => a - b),
          );
          for (const { database, name } of group.flatMap(keysOf)) {
            const key = `${database}:${name}`;
            assert.equal(owner.get(key) ?? index, index);
            owner.set(key, index);
          }
        }
        // No group could be split: each unit after the first shares a key with an earlier or a later one of its group.
        for (const group of groups.filter(({ length }) => length > 1))
          for (const one of group) assert.ok(keysOf(one).length > 0);
      }),
    );
  });
});
