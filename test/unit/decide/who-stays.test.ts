import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compareHistories } from "../../../src/decide/history.ts";
import { isNewer, weStayMaster } from "../../../src/decide/who-stays.ts";
import type { History } from "../../../src/model/history.ts";
import type { Observed } from "../../../src/model/observation.ts";
import type { SeenPeer } from "../../../src/model/situation.ts";
import { at, master } from "./situations.ts";

const stays = (ours: Observed, holdsVip: boolean, theirs: Observed): boolean => {
  const peer: SeenPeer = { name: "server12", host: "192.0.2.12", port: 6379, seen: theirs };
  return weStayMaster(ours, { holdsVip }, peer);
};

const peer = (seen: Observed, more: Partial<SeenPeer> = {}): SeenPeer => ({
  ...{ name: "server12", host: "192.0.2.12", port: 6379, seen },
  ...more,
});
const wrote = (writes: number, deletions = 0) => ({ writes, deletions });

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
    [
      "nothing in common, and nothing was counted: we wrote more bytes",
      master(at(500, "x", { id: "z", until: 400 })),
      master(at(450, "y", { id: "old", until: 90 })),
      "this one",
    ],
    [
      "nothing in common, and nothing was counted: the other one was promoted again with more bytes than we have",
      master(at(350, "y", { id: "old", until: 90 })),
      master(at(500, "x", { id: "z", until: 400 })),
      "the other one",
    ],
    [
      "nothing in common, and one has no backlog",
      master({ ...at(500, "x", { id: "z", until: 400 }), uncounted: true }),
      master(at(450, "y", { id: "old", until: 90 })),
      "the holder",
    ],
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

  it("come to the same answer where the write commands of both were counted, whatever the bytes say", () => {
    const count = fc.record({ writes: fc.nat(3), deletions: fc.nat(3) });
    fc.assert(
      fc.property(anyMaster, anyMaster, count, count, fc.boolean(), (a, b, ofA, ofB, aHolds) => {
        const aStays = weStayMaster(a, { holdsVip: aHolds }, peer(b, { written: { ours: ofA, theirs: ofB } }));
        const bStays = weStayMaster(b, { holdsVip: !aHolds }, peer(a, { written: { ours: ofB, theirs: ofA } }));
        assert.notEqual(aStays, bStays);
      }),
      { numRuns: 2000 },
    );
  });

  it("without a common id: the one whose clients wrote more since the last promotion, else the holder", () => {
    const [a, b] = [master(at(150, "a")), master(at(130, "b"))];
    const counted = (ours: number, theirs: number) =>
      peer(b, { written: { ours: { writes: ours, deletions: 9 }, theirs: { writes: theirs, deletions: 0 } } });
    for (const holdsVip of [true, false]) {
      assert.equal(weStayMaster(a, { holdsVip }, counted(3, 2)), true);
      assert.equal(weStayMaster(a, { holdsVip }, counted(2, 3)), false);
      assert.equal(weStayMaster(a, { holdsVip }, counted(2, 2)), holdsVip);
      assert.equal(weStayMaster(a, { holdsVip }, peer(b)), holdsVip);
    }
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

describe("of two masters one of which had resigned before the other one was promoted", () => {
  /** server12 went on from this node at the offset 100. */
  const promoted = (offset: number) => master(at(offset, "b", diverged));
  const resigned = { holdsVip: true, resigned: true };

  it("the promoted one is newer and stays, whatever the bytes say and whoever has the virtual IP", () => {
    for (const ours of [master(at(100)), master(at(101)), master(at(1_000_000))])
      for (const holdsVip of [true, false]) {
        assert.equal(weStayMaster(ours, { holdsVip, resigned: true }, peer(promoted(100))), false);
        assert.equal(weStayMaster(promoted(100), { holdsVip }, peer(ours, { resigned: true })), true);
      }
  });

  it("nor does a count of write commands change that", () => {
    const written = { ours: wrote(1000), theirs: wrote(0) };
    assert.equal(weStayMaster(master(at(5000)), resigned, peer(promoted(101), { written })), false);
    const ofTheOther = { ours: wrote(0), theirs: wrote(1000) };
    const old = peer(master(at(5000)), { resigned: true, written: ofTheOther });
    assert.equal(weStayMaster(promoted(101), { holdsVip: false }, old), true);
  });

  it("if it does not follow for 5 s, it did not resign: what both can see decides, so that one of them gives in", () => {
    const written = { ours: wrote(0), theirs: wrote(1000) };
    const diverging = peer(master(at(5000)), { resigned: true, written });
    const stranger = peer(master(at(5000, "x")), { resigned: true });
    for (const one of [diverging, stranger]) {
      assert.equal(weStayMaster(promoted(101), { holdsVip: false, disputed_s: 4.9 }, one), true);
      assert.equal(weStayMaster(promoted(101), { holdsVip: false, disputed_s: 5 }, one), false);
    }
    assert.equal(weStayMaster(promoted(101), { holdsVip: true, disputed_s: 5 }, diverging), false);
    assert.equal(weStayMaster(promoted(101), { holdsVip: true, disputed_s: 0 }, stranger), true);
  });

  it("even where the one that resigned was promoted once more, for a dump of what it has", () => {
    const forDump = master(at(5000, "c", { id: "a", until: 5000 }));
    assert.equal(weStayMaster(forDump, resigned, peer(promoted(101))), false);
    assert.equal(weStayMaster(promoted(101), { holdsVip: false }, peer(forDump, { resigned: true })), true);
  });

  it("unless the one that resigned was promoted once more while it was cut off, and its clients wrote more since", () => {
    const again = master(at(5010, "c", { id: "a", until: 5000 }));
    const counted = (ours: number, theirs: number) => ({ ours: wrote(ours), theirs: wrote(theirs) });
    for (const [ours, theirs, weStay] of [
      [2, 1, true],
      [1, 1, true],
      [1, 2, false],
    ] as const) {
      const they = peer(again, { resigned: true, written: counted(ours, theirs) });
      assert.equal(weStayMaster(promoted(101), { holdsVip: true }, they), weStay);
      const we = peer(promoted(101), { written: counted(theirs, ours) });
      assert.equal(weStayMaster(again, { holdsVip: false }, we), !weStay);
    }
  });

  it("even where that happened twice: Redis remembers one id before its own, and this node what it has seen served", () => {
    const again = master(at(5000, "d", { id: "c", until: 5000 }));
    const here = { ...resigned, servedIds: ["a", ""] };
    assert.equal(isNewer(again, resigned, peer(promoted(101))), false, "nothing tells");
    assert.equal(weStayMaster(again, here, peer(promoted(101))), false);
  });

  it("the master that this node was promoted from is older, whatever that one was promoted from", () => {
    const ours = master(at(200, "c", { id: "b", until: 150 }));
    const here = { holdsVip: false, resigned: true, servedIds: ["b", "a"] };
    assert.equal(isNewer(ours, here, peer(promoted(150))), false);
    assert.equal(weStayMaster(ours, here, peer(promoted(150))), true);
  });

  it("a master that did not go on from this node is not newer: it left its history earlier, or has another one", () => {
    const rows: [string, Observed, Observed][] = [
      ["no promotion is known of it", master(at(100)), master(at(90))],
      ["it has this very history", promoted(100), promoted(120)],
      ["it is the master from which this node was promoted", promoted(150), master(at(120))],
      ["another history", master(at(100)), master(at(90, "x"))],
      ["it was promoted in another history", master(at(100)), master(at(90, "x", { id: "y", until: 50 }))],
    ];
    for (const [name, ours, theirs] of rows) assert.equal(isNewer(ours, { resigned: true }, peer(theirs)), false, name);
  });

  it("nobody resigned: no promotion is newer", () => {
    assert.equal(isNewer(master(at(100)), {}, peer(promoted(100))), false);
    assert.equal(isNewer(master(at(100)), { resigned: false }, peer(promoted(100))), false);
    assert.equal(isNewer(master(at(100)), { resigned: true }, peer(promoted(100))), true);
  });
});

describe("of two masters after a split whose write commands were counted", () => {
  const [a, b] = [master(at(150)), master(at(120, "b", diverged))];
  const weStay = (ours: { writes: number; deletions: number }, theirs: typeof ours, holdsVip = false) =>
    weStayMaster(a, { holdsVip }, peer(b, { written: { ours, theirs } }));

  it("the one with more of them stays, though the other one has more bytes", () => {
    assert.equal(weStay(wrote(1), wrote(2), true), false);
    assert.equal(weStay(wrote(2), wrote(1)), true);
    const written = { ours: wrote(2), theirs: wrote(1) };
    assert.equal(weStayMaster(b, { holdsVip: false }, peer(a, { written })), true);
  });

  it("deletions do not count: an isolated master deletes expired keys all the time", () => {
    assert.equal(weStay(wrote(0, 5000), wrote(1), true), false);
    assert.equal(weStay(wrote(1, 0), wrote(0, 5000)), true);
  });

  it("both have as many: the one with the virtual IP, and not the one with more bytes", () => {
    for (const count of [0, 7])
      for (const holdsVip of [true, false]) assert.equal(weStay(wrote(count, 9), wrote(count), holdsVip), holdsVip);
  });

  it("counts say nothing where one of them has all that the other one has", () => {
    const written = { ours: wrote(0), theirs: wrote(9) };
    assert.equal(weStayMaster(master(at(150)), { holdsVip: false }, peer(master(at(120)), { written })), true);
  });
});

it("two that do not come to the same answer within 15 s: the one without the virtual IP yields", () => {
  const [ours, theirs] = [master(at(500)), master(at(150, "b", diverged))];
  const after = (disputed_s: number) => weStayMaster(ours, { holdsVip: false, disputed_s }, peer(theirs));
  assert.deepEqual([after(0), after(14.9), after(15), after(60)], [true, true, false, false]);
  assert.equal(weStayMaster(ours, { holdsVip: true, disputed_s: 60 }, peer(theirs)), true);
});

describe("a node that had resigned, and was promoted after the local Redis was", () => {
  const ours = master(at(100, "b", { id: "a", until: 50 }));
  const wrote = (mine: number, its: number) => ({
    written: { ours: { writes: mine, deletions: 0 }, theirs: { writes: its, deletions: 0 } },
  });

  it("out of our history: it is judged like every other", () => {
    const again = { ...peer(master(at(300, "c", { id: "b", until: 90 })), { resigned: true }) };
    assert.equal(weStayMaster(ours, { holdsVip: false }, again), false);
    assert.equal(weStayMaster(again.seen, { holdsVip: true }, peer(ours)), true);
  });

  it("out of the history that we were promoted from, no later than we: it was a replica then, and is judged like every other", () => {
    for (const until of [50, 49]) {
      const seen = master(at(300, "c", { id: "a", until }));
      for (const [mine, its] of [
        [7, 8],
        [8, 7],
      ] as const) {
        const stays = weStayMaster(ours, { holdsVip: false }, peer(seen, { resigned: true, ...wrote(mine, its) }));
        assert.equal(stays, mine > its);
      }
    }
  });

  it("out of that history, but later than we: it may be the master that went on with it, for a dump, and yields", () => {
    const forDump = peer(master(at(300, "c", { id: "a", until: 51 })), { resigned: true, ...wrote(0, 0) });
    assert.equal(weStayMaster(ours, { holdsVip: false }, forDump), true);
    const otherHistory = peer(master(at(300, "c", { id: "x", until: 50 })), { resigned: true, ...wrote(0, 9) });
    assert.equal(weStayMaster(ours, { holdsVip: false }, otherHistory), true);
  });
});
