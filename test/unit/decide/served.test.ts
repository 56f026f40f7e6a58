import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { missing, missingInWords, type ServedNow, servedNow, tooOld } from "../../../src/decide/served.ts";
import { remembered } from "../../../src/decide/served-record.ts";
import type { Observation, Observed } from "../../../src/model/observation.ts";
import type { Served } from "../../../src/model/served.ts";
import { at, blank, down, gone, master, replica, servedUpTo1000, situation } from "./situations.ts";

const second = 1000;

describe("what a data set is known to lack of what was served", () => {
  const lacks = (seen: Observed, served: Served | undefined = servedUpTo1000()) => missing(seen, served);

  it("nothing where nothing was seen, where it has all of it, or went on from it", () => {
    assert.equal(missing(master(at(5)), undefined), undefined);
    assert.equal(lacks(master(at(1000))), undefined);
    assert.equal(lacks(replica("server12", at(1200), down)), undefined);
    assert.equal(lacks(master(at(1200, "b", { id: "a", until: 1000 }))), undefined, "promoted, and served since");
  });

  it("also after promotions of which neither an RDB nor Redis itself knows: the record has the ids from before", () => {
    const now = (seen: Observed): ServedNow => ({ by: "server12", seen });
    const promoted = (id: string, offset: number, from: string, until: number) =>
      master(at(offset, id, { id: from, until }));
    let served = remembered(servedUpTo1000(), now(promoted("b", 1200, "a", 1000)), 110 * second);
    served = remembered(served, now(promoted("c", 1500, "b", 1300)), 120 * second);
    served = remembered(served, now(promoted("c", 1700, "b", 1300)), 130 * second);
    assert.deepEqual(served?.earlier, [
      { id: "b", until: 1300 },
      { id: "a", until: 1000 },
    ]);
    assert.deepEqual(missing(master(at(800)), served), { bytes: 900, seconds: 50, by: "server12" });
    assert.deepEqual(missing(master(at(1250, "b")), served)?.bytes, 450);
    // What it has under that id after the promotion was never part of what was served.
    assert.deepEqual(missing(master(at(5000)), served)?.bytes, 700);
    assert.deepEqual(missing(master(at(5000, "d", { id: "a", until: 4000 })), served)?.bytes, 700);
    assert.equal(missing(master({ ...at(800), uncounted: true }), served), undefined);
  });

  it("the record has the last eight ids, and each only as far as all that came later has it", () => {
    const now = (seen: Observed): ServedNow => ({ by: "server12", seen });
    let served: Served | undefined = servedUpTo1000();
    for (let n = 1; n <= 10; n++) {
      const from = n === 1 ? "a" : `id${n - 1}`;
      served = remembered(
        served,
        now(master(at(1000 + n, `id${n}`, { id: from, until: 999 + n }))),
        (100 + n) * second,
      );
    }
    assert.deepEqual(
      served?.earlier?.map(({ id }) => id),
      ["id9", "id8", "id7", "id6", "id5", "id4", "id3", "id2"],
    );
    // A person serves an older snapshot: its id is that of the history again, and what came later is common up to there.
    const back = remembered(served, now(master(at(1009, "id9", { id: "id8", until: 1008 }))), 200 * second);
    assert.deepEqual(back?.earlier?.slice(0, 2), [
      { id: "id10", until: 1009 },
      { id: "id8", until: 1008 },
    ]);
    const parted = servedUpTo1000({ history: at(1300, "b", { id: "a", until: 1000 }) });
    const other = remembered(parted, now(master(at(1400, "z", { id: "a", until: 700 }))), 200 * second);
    assert.deepEqual(other?.earlier, [
      { id: "b", until: 700 },
      { id: "a", until: 700 },
    ]);
  });

  it("only as far as something else that is served has it, too", () => {
    const older: ServedNow = { by: "server12", seen: master(at(900, "z", { id: "a", until: 700 })) };
    const served = remembered(servedUpTo1000(), older, 110 * second);
    assert.deepEqual(served?.earlier, [{ id: "a", until: 700 }]);
    assert.equal(
      remembered(servedUpTo1000(), { by: "server12", seen: master(at(900, "x")) }, 110 * second)?.earlier,
      undefined,
    );
  });

  it("so many bytes, and the seconds since the last moment of which it has everything", () => {
    assert.deepEqual(lacks(replica("server12", at(950), down)), { bytes: 50, seconds: 10, by: "server12" });
    assert.deepEqual(lacks(replica("server12", at(900), down)), { bytes: 100, seconds: 10, by: "server12" });
    assert.deepEqual(lacks(replica("server12", at(899), down)), { bytes: 101, seconds: 20, by: "server12" });
    assert.deepEqual(lacks(master(at(500))), { bytes: 500, seconds: 60, by: "server12" });
  });

  it("nobody knows since when, if that is longer ago than anything remembered", () => {
    assert.deepEqual(lacks(master(at(399))), { bytes: 601, seconds: Number.POSITIVE_INFINITY, by: "server12" });
  });

  it("what it wrote of its own since does not make up for it", () => {
    const own = master(at(5000, "b", { id: "a", until: 850 }));
    assert.deepEqual(lacks(own), { bytes: 150, seconds: 20, by: "server12" });
  });

  it("by its offset, if it has an id that no check has seen: the offset grows over promotions, and with each new id", () => {
    assert.deepEqual(lacks(master(at(950, "x"))), { bytes: 50, seconds: 10, by: "server12" });
    assert.deepEqual(lacks(master(at(999, "x", { id: "y", until: 500 }))), { bytes: 1, seconds: 10, by: "server12" });
    assert.equal(lacks(blank("server12"))?.seconds, Number.POSITIVE_INFINITY);
    assert.equal(lacks(master(at(1000, "x"))), undefined);
    assert.equal(lacks(master(at(1001, "x"))), undefined);
  });

  it("nothing is known of a data set whose writes were not counted, or where no key was ever served", () => {
    assert.equal(lacks(master({ ...at(50), uncounted: true })), undefined);
    assert.equal(lacks(master(at(950, "x")), servedUpTo1000({ keys: 0 })), undefined);
    assert.equal(lacks(master(at(950)), servedUpTo1000({ keys: 0 }))?.bytes, 50);
  });

  it("marks of the future, by a clock that was ahead, never make it less than no time", () => {
    const ahead = servedUpTo1000({ marks: [{ offset: 900, at_ms: 500 * second }] });
    assert.deepEqual(lacks(master(at(950)), ahead), { bytes: 50, seconds: 0, by: "server12" });
  });

  it("is said in whole seconds, rounded up, or as a time that nobody knows", () => {
    assert.equal(
      missingInWords({ bytes: 7, seconds: 1.2, by: "server12" }),
      "7 bytes of what server12 served are missing here, the last 2 s of it",
    );
    assert.equal(
      missingInWords({ bytes: 7, seconds: Number.POSITIVE_INFINITY, by: "server12" }),
      "7 bytes of what server12 served are missing here, of an unknown time",
    );
  });
});

describe("too old to be served without an operator", () => {
  const old = (offset: number, max: { seconds: number; bytes: number }) =>
    tooOld(master(at(offset)), servedUpTo1000(), max);
  const plenty = { seconds: 1e9, bytes: 1e9 };

  it("more seconds are missing than the cluster file allows, or more bytes: either is enough", () => {
    assert.equal(old(950, { ...plenty, seconds: 10 }), false, "as many as it allows");
    assert.equal(old(950, { ...plenty, seconds: 9.9 }), true);
    assert.equal(old(950, { ...plenty, bytes: 50 }), false, "as many as it allows");
    assert.equal(old(950, { ...plenty, bytes: 49 }), true);
    assert.equal(old(950, { seconds: 9, bytes: 49 }), true);
  });

  it("a time that nobody knows is too long, however much is allowed", () => {
    assert.equal(old(399, { seconds: 31_536_000, bytes: 1e9 }), true);
  });

  it("nothing is missing: never too old, were nothing allowed to be missing", () => {
    assert.equal(old(1000, { seconds: 0, bytes: 0 }), false);
    assert.equal(tooOld(master(at(1)), undefined, { seconds: 0, bytes: 0 }), false);
    assert.equal(tooOld(master(at(1001, "x")), servedUpTo1000(), { seconds: 0, bytes: 0 }), false, "nothing is known");
  });

  it("with nothing allowed, one byte is too much", () => {
    assert.equal(old(999, { seconds: 0, bytes: 0 }), true);
  });
});

describe("the data that is being served", () => {
  const holder = { holdsVip: true };
  const served = (ours: Observation, theirs: Record<string, Observation>, more = {}, before?: Served) => {
    const now = servedNow(situation(ours, theirs, more), before);
    return now && { history: now.seen.history, by: now.by };
  };

  it("is that of this master, while this node has the virtual IP and no other master is seen", () => {
    assert.deepEqual(served(master(at(7)), {}, holder), { history: at(7), by: "server11" });
    assert.deepEqual(served(master(at(7)), { server12: gone }, holder), { history: at(7), by: "server11" });
    assert.equal(served(master(at(7)), {}), undefined, "nobody is served here");
    assert.equal(served(master(at(7)), { server12: master(at(9, "x")) }, holder), undefined, "two masters: whose?");
  });

  it("is that of the master that this replica copies from", () => {
    const seen = served(replica("server12", at(7)), { server12: gone });
    assert.deepEqual(seen?.history, at(7));
    assert.ok(seen?.by === "192.0.2.12" || seen?.by === "server12");
  });

  it("is a copy of this node's own only where it copies it: then it got all of it since the copy began", () => {
    const copied = (ours: Observation, theirs: Record<string, Observation>, more = {}) =>
      servedNow(situation(ours, theirs, more), undefined)?.copied ?? false;
    assert.equal(copied(replica("server12", at(7)), { server12: master(at(7)) }), true);
    assert.equal(copied(replica("server12", at(7), down), { server12: master(at(9)) }), false);
    assert.equal(copied(master(at(7)), {}, holder), false);
  });

  it("of a replica that can't follow: that of another master whose history goes on from what was served", () => {
    const behind = replica("server12", at(7), down);
    assert.deepEqual(served(behind, { server12: master(at(9)) }), { history: at(9), by: "server12" });
    const newer = { server12: master(at(1100)) };
    assert.deepEqual(served(behind, newer, {}, servedUpTo1000()), { history: at(1100), by: "server12" });
    const older = { server12: master(at(500)) };
    assert.equal(
      served(behind, older, {}, servedUpTo1000()),
      undefined,
      "it has lost what was served: that stays known",
    );
    const strange = { server12: master(at(5000, "x")) };
    assert.equal(served(behind, strange, {}, servedUpTo1000()), undefined);
  });

  it("of a Redis that has just started and has nothing yet: that of the other master as well", () => {
    // It copies a moment later. Were the master not on record, the copy would look as if it lacked what this node served before.
    const newer = { server12: master(at(1100)) };
    assert.deepEqual(served(blank("server12"), newer, {}, servedUpTo1000()), { history: at(1100), by: "server12" });
    const strange = { server12: master(at(5000, "x")) };
    assert.equal(served(blank("server12"), strange, {}, servedUpTo1000()), undefined);
  });

  it("is not known while this data set is not complete, or nobody serves", () => {
    for (const [name, ours] of [
      ["no answer", gone],
      ["loading", master(at(7), { loading: { eta_s: 1 } })],
      ["never copied", blank("server12")],
      ["copies all of it", replica("server12", at(7), { link: { syncing: true } })],
    ] as const)
      assert.equal(served(ours, { server12: gone }, holder), undefined, name);
    assert.equal(served(replica("server12", at(7), down), { server12: gone }), undefined);
  });
});
