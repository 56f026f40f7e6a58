import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { missing, type ServedNow } from "../../../src/decide/served.ts";
import { remembered, unwritten } from "../../../src/decide/served-record.ts";
import type { History } from "../../../src/model/history.ts";
import type { Observed } from "../../../src/model/observation.ts";
import type { Served } from "../../../src/model/served.ts";
import { at, down, master, replica, servedUpTo1000 } from "./situations.ts";

const second = 1000;

describe("the record of what was served", () => {
  const now = (history: History, by = "server12", more: Partial<Observed> = {}) => ({
    by,
    seen: master(history, more),
  });

  it("begins with the first sight of it", () => {
    assert.deepEqual(remembered(undefined, now(at(7)), 5000), {
      history: at(7),
      at_ms: 5000,
      by: "server12",
      seenAt: { runId: "r", unsaved: undefined },
      keys: 100,
      marks: [{ offset: 7, at_ms: 5000 }],
    });
    const counted = remembered(undefined, now(at(7), "server12", { unsaved: { count: 0, savedAt_s: 1 } }), 5000);
    assert.deepEqual(counted?.seenAt, { runId: "r", unsaved: { count: 0, savedAt_s: 1 } });
    assert.equal(remembered(undefined, undefined, 5000), undefined);
  });

  it("is the same object where nothing has to be written: nothing seen, nothing new, not counted, or too soon", () => {
    const before = servedUpTo1000();
    const later = before.at_ms + 60 * second;
    assert.equal(remembered(before, undefined, later), before);
    assert.equal(remembered(before, now(at(1000)), later), before);
    assert.equal(remembered(before, now(at(10)), later), before, "it never goes back");
    assert.equal(remembered(before, now({ ...at(2000), uncounted: true }), later), before);
    assert.equal(remembered(before, now(at(2000)), before.at_ms + 1999), before);
    assert.notEqual(remembered(before, now(at(2000)), before.at_ms + 2000), before);
  });

  it("goes on with the history, and with whoever serves it", () => {
    const next = remembered(servedUpTo1000(), now(at(1500), "server11"), 110 * second);
    assert.deepEqual([next?.history, next?.at_ms, next?.by], [at(1500), 110 * second, "server11"]);
    assert.deepEqual(next?.marks.at(-1), { offset: 1500, at_ms: 110 * second });
  });

  it("of two positions of one moment keeps the earlier one, which says more, once it is not the newest", () => {
    const before = servedUpTo1000({
      marks: [
        { offset: 900, at_ms: 100 * second },
        { offset: 1000, at_ms: 100 * second },
      ],
    });
    assert.deepEqual(remembered(before, now(at(1500)), 110 * second)?.marks, [
      { offset: 900, at_ms: 100 * second },
      { offset: 1500, at_ms: 110 * second },
    ]);
  });

  it("goes on over a promotion, at once: a new id of the same stream keeps the marks", () => {
    const promoted = at(1001, "b", { id: "a", until: 1000 });
    const next = remembered(servedUpTo1000(), now(promoted, "server11"), 100 * second + 1);
    assert.deepEqual(next?.history, promoted);
    const old = missing(replica("server12", at(900), down), next);
    assert.equal(old?.bytes, 101);
    assert.ok(old && old.seconds >= 10 && old.seconds < 25, `${old?.seconds} s`);
  });

  it("goes on over a promotion before anything else was written", () => {
    const promoted = at(1000, "b", { id: "a", until: 1000 });
    const next = remembered(servedUpTo1000(), now(promoted, "server11"), 101 * second);
    assert.deepEqual(next?.history, promoted);
    const old = missing(replica("server12", at(900), down), next);
    assert.ok(old && old.seconds >= 11 && old.seconds < 25, `the marks are kept: ${old?.seconds} s`);
  });

  it("of a history that does not go on from it keeps what both have in common: an operator served older data, or other data", () => {
    const rows: [History, number[]][] = [
      [at(500, "b", { id: "a", until: 500 }), [400, 500]],
      [at(700, "b", { id: "a", until: 500 }), [400, 500, 700]],
      [at(300, "x"), [300]],
    ];
    for (const [history, offsets] of rows) {
      const next = remembered(servedUpTo1000(), now(history, "server11"), 200 * second);
      assert.deepEqual(next?.history, history);
      assert.deepEqual(
        next?.marks.map(({ offset }) => offset),
        offsets,
      );
    }
  });

  it("goes on over two promotions between two checks, which leave no common id: the offset tells", () => {
    const next = remembered(servedUpTo1000(), now(at(1500, "c", { id: "b", until: 1200 }), "server11"), 110 * second);
    const old = missing(replica("server12", at(900), down), next);
    assert.equal(old?.bytes, 600);
    assert.ok(old && old.seconds >= 10 && old.seconds < 35, `${old?.seconds} s`);
    const other = remembered(servedUpTo1000(), now(at(999, "c")), 110 * second);
    assert.equal(other?.earlier, undefined, "a lower offset: something else is served");
  });

  describe("PINGs are no data, though the history grows by them", () => {
    const writes = (count: number, savedAt_s = 7) => ({ unsaved: { count, savedAt_s } });
    const before = servedUpTo1000({ seenAt: { runId: "r", unsaved: { count: 5, savedAt_s: 7 } } });
    const later = before.at_ms + 60 * second;
    const afterPings = (more: Partial<Observed>) => remembered(before, now(at(1014), "server12", more), later);

    it("no write since the record, in the same process: nothing newer is served", () => {
      assert.equal(afterPings(writes(5)), before);
      assert.equal(afterPings({ ...writes(0), runId: "restarted" }), before, "nor after a restart");
    });

    it("a snapshot since, in the same process: what came before it was seen by a check", () => {
      const saved = afterPings(writes(0, 8));
      assert.deepEqual(saved, { ...before, seenAt: { runId: "r", unsaved: { count: 0, savedAt_s: 8 } } });
      assert.equal(remembered(saved, now(at(1028), "server12", writes(0, 8)), later), saved, "once");
    });

    it("writes since: their end is not known, so all of it counts", () => {
      assert.equal(afterPings(writes(6))?.history.offset, 1014);
      assert.equal(afterPings(writes(5, 8))?.history.offset, 1014, "as many, after a snapshot");
      assert.equal(afterPings({ ...writes(5), runId: "another" })?.history.offset, 1014, "as many, in another process");
      assert.equal(afterPings({})?.history.offset, 1014, "nobody knows");
      const uncounted = remembered(servedUpTo1000(), now(at(1014), "server12", writes(5)), later);
      assert.equal(uncounted?.history.offset, 1014, "nobody knew then");
    });

    it("a promotion without a write: the last write is where it was", () => {
      const promoted = at(1014, "b", { id: "a", until: 1014 });
      const next = remembered(before, now(promoted, "server11", writes(5)), later);
      assert.deepEqual(next?.history, { ...promoted, offset: 1000 });
      assert.equal(missing(replica("server12", at(1000), down), next), undefined);
      assert.equal(missing(replica("server12", at(999), down), next)?.bytes, 1);
    });

    it("what it counted then is kept for the next time", () => {
      assert.deepEqual(afterPings({ ...writes(6), runId: "x" })?.seenAt, {
        runId: "x",
        unsaved: { count: 6, savedAt_s: 7 },
      });
    });
  });

  /** Served for so long, looked at every second or so. */
  function watched(steps: readonly { ms: number; bytes: number }[]): { served: Served; truth: Served["marks"] } {
    let [served, at_ms, offset] = [undefined as Served | undefined, 1_000_000, 1];
    const truth: Served["marks"] = [];
    for (const { ms, bytes } of steps) {
      at_ms += ms;
      offset += bytes;
      truth.push({ offset, at_ms });
      served = remembered(served, now(at(offset)), at_ms);
    }
    return { served: served as Served, truth };
  }

  it("keeps fewer marks the older they are: one goes when its neighbours are no farther apart than the newer one is old", () => {
    const ages = (count: number) => {
      const { served } = watched(Array.from({ length: count }, () => ({ ms: 5000, bytes: 1 })));
      return served.marks.map(({ at_ms }) => (served.at_ms - at_ms) / 1000).reverse();
    };
    assert.deepEqual(ages(4), [0, 5, 10, 15]);
    assert.deepEqual(ages(5), [0, 5, 10, 20]);
    const kept = ages(200);
    for (const [nth, newer_s] of kept.entries()) {
      const [age_s, older_s] = [kept[nth + 1] ?? 0, kept[nth + 2] ?? Number.POSITIVE_INFINITY];
      assert.ok(older_s - newer_s > newer_s, `${age_s} s between ${newer_s} and ${older_s} s`);
    }
    assert.deepEqual(kept.slice(0, 3), [0, 5, 10]);
  });

  const steps = fc.array(
    fc.record({ ms: fc.integer({ min: 500, max: 8000 }), bytes: fc.integer({ min: 1, max: 9 }) }),
    {
      minLength: 1,
      maxLength: 400,
    },
  );

  it("keeps few marks, however long it is served, the oldest and the newest among them", () => {
    const week = watched(Array.from({ length: 7 * 24 * 720 }, () => ({ ms: 5000, bytes: 100 })));
    assert.ok(week.served.marks.length < 40, `${week.served.marks.length} marks`);
    fc.assert(
      fc.property(steps, (steps) => {
        const { served, truth } = watched(steps);
        assert.ok(served.marks.length <= 4 + 4 * Math.log2(steps.length + 1), `${served.marks.length} marks`);
        assert.deepEqual(served.marks[0], truth[0]);
        assert.deepEqual(served.marks.at(-1), { offset: served.history.offset, at_ms: served.at_ms });
        const sorted = served.marks.toSorted((a, b) => a.at_ms - b.at_ms);
        assert.deepEqual(served.marks, sorted);
      }),
    );
  });

  it("never makes old data look younger than it is, nor much older: twice its age and some seconds", () => {
    fc.assert(
      fc.property(steps, fc.nat(399), (steps, which) => {
        const { served, truth } = watched(steps);
        const { offset, at_ms } = truth[which % truth.length] as Served["marks"][number];
        const known = missing(master(at(offset)), served);
        if (offset >= served.history.offset) return assert.equal(known, undefined);
        // What it lacks was served after this moment, and before the next check.
        const next = truth.find((one) => one.offset > offset) as Served["marks"][number];
        const [least_s, age_s] = [(served.at_ms - next.at_ms) / 1000, (served.at_ms - at_ms) / 1000];
        assert.ok(known && known.seconds >= least_s, `${known?.seconds} s of ${age_s} s`);
        assert.ok(known.seconds <= 2 * age_s + 20, `${known.seconds} s of ${age_s} s`);
      }),
    );
  });

  it("a clock that was set back neither stops it nor makes old data look young", () => {
    let served = remembered(undefined, now(at(100)), 1_000_000) as Served;
    served = remembered(served, now(at(200)), 1_060_000) as Served;
    // An hour back. It is served for two minutes more.
    for (let s = 0; s <= 120; s += 1)
      served = remembered(served, now(at(300 + s)), 1_060_000 - 3_600_000 + s * 1000) as Served;
    assert.ok(served.history.offset >= 415, `it ends at ${served.history.offset}`);
    const old = missing(master(at(150)), served);
    assert.ok(old && old.seconds >= 60 && old.seconds <= 200, `${old?.seconds} s`);
    assert.ok(served.marks.length < 20, `${served.marks.length} marks`);
    const fresh = missing(master(at(served.history.offset - 3)), served);
    assert.ok(fresh && fresh.seconds <= 15, `three seconds are called ${fresh?.seconds} s`);
  });
});

it("an older snapshot that a person has allowed, or that is served within the limits: its age stays known afterwards", () => {
  const seen = (history: History): ServedNow => ({ by: "server12", seen: master(history) });
  const first = remembered(undefined, seen(at(100)), 0);
  const later = remembered(first, seen(at(900)), 60_000);
  // Promoted from a snapshot of the offset 400.
  const again = remembered(later, seen(at(400, "b", { id: "a", until: 400 })), 62_000);
  assert.deepEqual(
    again?.marks.map(({ offset }) => offset),
    [100, 400],
  );
  const further = remembered(again, seen(at(500, "b", { id: "a", until: 400 })), 70_000);
  assert.equal(missing(replica("server12", at(400)), further)?.seconds, 8, "the same snapshot once more");
  assert.equal(missing(replica("server12", at(200)), further)?.seconds, 70);
});

it("a snapshot that a replica took right after its copy is as old as the copy, and not of an unknown time", () => {
  const copied = (history: History): ServedNow => ({
    by: "server12",
    seen: replica("server12", history),
    copied: true,
  });
  const first = remembered(undefined, copied(at(500, "b")), 10_000);
  const later = remembered(first, copied(at(900, "b")), 16_000);
  assert.equal(missing(replica("server12", at(400, "b")), later)?.seconds, 6);
  // It did not copy, but went on from its snapshot.
  const wentOn = remembered(undefined, copied(at(500, "b", { id: "a", until: 300 })), 10_000);
  assert.equal(missing(replica("server12", at(300)), wentOn)?.seconds, Number.POSITIVE_INFINITY);
  // A master's own snapshot may be from long before.
  const own = remembered(undefined, { by: "server11", seen: master(at(500)) }, 10_000);
  assert.equal(missing(replica("server12", at(400)), own)?.seconds, Number.POSITIVE_INFINITY);
});

describe("a replica that went on from an old snapshot of its own: that snapshot stays as old as it is", () => {
  const seconds = 1000;
  const copied = (history: History): ServedNow => ({
    by: "server12",
    seen: replica("server12", history),
    copied: true,
  });
  const own = (history: History): ServedNow => ({ by: "server11", seen: master(history) });
  const served = [200, 500, 1000].reduce<Served | undefined>(
    (record, offset, index) => remembered(record, copied(at(offset)), index * 15 * seconds),
    undefined,
  );

  it("after a promotion here, which was lost, and one there", () => {
    const promoted = remembered(served, own(at(1400, "b", { id: "a", until: 1000 })), 36 * seconds);
    const back = remembered(promoted, copied(at(1300, "c", { id: "a", until: 250 })), 40 * seconds);
    assert.ok((missing(replica("server12", at(250)), back)?.seconds ?? 0) >= 25);
  });

  it("after two promotions here, which were lost", () => {
    const promoted = remembered(served, own(at(1400, "b", { id: "a", until: 1000 })), 36 * seconds);
    const again = remembered(promoted, own(at(1500, "c", { id: "b", until: 1400 })), 38 * seconds);
    const back = remembered(again, copied(at(1300, "a")), 40 * seconds);
    assert.ok((missing(replica("server12", at(250)), back)?.seconds ?? 0) >= 25);
  });
});

describe("an idle cluster", () => {
  const idle = servedUpTo1000({
    seenAt: { runId: "r", unsaved: { count: 5, savedAt_s: 7 } },
    unchangedUntil_ms: 900 * second,
  });
  const seen = (history: History, count: number): ServedNow => ({
    by: "server12",
    seen: master(history, { unsaved: { count, savedAt_s: 7 } }),
  });

  it("a snapshot from just before the next write lacks what was written since, and not the time before", () => {
    const next = remembered(idle, seen(at(1200), 6), 901 * second);
    assert.deepEqual(missing(replica("server12", at(1000)), next), { bytes: 200, seconds: 1, by: "server12" });
    assert.ok((missing(replica("server12", at(999)), next)?.seconds ?? 0) > 800, "the last write before that is old");
    const { unchangedUntil_ms: _, ...unseen } = idle;
    assert.equal(
      missing(replica("server12", at(1000)), remembered(unseen, seen(at(1200), 6), 901 * second))?.seconds,
      801,
    );
  });

  it("counts for what a data set lacks from before it", () => {
    assert.equal(missing(replica("server12", at(999)), idle)?.seconds, 810);
    const { unchangedUntil_ms: _, ...unseen } = idle;
    assert.equal(missing(replica("server12", at(999)), unseen)?.seconds, 10);
  });

  it("goes on over a snapshot, which is no older than the end of the idle time", () => {
    const saved = { by: "server12", seen: master(at(1014), { unsaved: { count: 0, savedAt_s: 8 } }) };
    const after = remembered(idle, saved, 901 * second) as Served;
    assert.equal(after.unchangedUntil_ms, 900 * second);
    assert.equal(unwritten(after, saved), true);
    const writing = { by: "server12", seen: master(at(1200), { unsaved: { count: 3, savedAt_s: 8 } }) };
    const next = remembered({ ...after, unchangedUntil_ms: 1000 * second }, writing, 1001 * second);
    assert.deepEqual(missing(replica("server12", at(1010)), next), { bytes: 190, seconds: 1, by: "server12" });
  });

  it("goes on over the restart of a replica: the snapshot that it takes then is no older than the end of the idle time", () => {
    const copied = (count: number, offset: number) => ({
      by: "server12",
      seen: { ...replica("server12", at(offset)), runId: "restarted", unsaved: { count, savedAt_s: 8 } },
      copied: true,
    });
    const after = remembered(idle, copied(0, 1028), 901 * second) as Served;
    assert.deepEqual([after.history, after.at_ms], [idle.history, idle.at_ms], "what it served was no newer");
    assert.equal(unwritten(after, copied(0, 1042)), true);
    const next = remembered({ ...after, unchangedUntil_ms: 1000 * second }, copied(5, 1200), 1001 * second);
    assert.deepEqual(missing(replica("server12", at(1028)), next), { bytes: 172, seconds: 1, by: "server12" });
    assert.equal(missing(replica("server12", at(1027)), next)?.seconds, 101, "from before the restart");
    assert.equal(remembered(idle, copied(0, 999), 901 * second), idle, "it has less");
    assert.deepEqual(remembered(idle, copied(0, 1000), 901 * second)?.seenAt, after.seenAt, "it has as much");
    assert.equal(remembered(after, copied(0, 1042), 902 * second), after, "once");
    assert.equal(remembered(idle, copied(3, 1028), 901 * second)?.history.offset, 1028, "written to since");
    const { unsaved: _, ...unknown } = copied(0, 1028).seen;
    assert.equal(remembered(idle, { ...copied(0, 1028), seen: unknown }, 901 * second)?.history.offset, 1028);
  });

  it("a moment that has not come yet says nothing", () => {
    const next = remembered({ ...idle, unchangedUntil_ms: 2000 * second }, seen(at(1200), 6), 901 * second);
    assert.equal(missing(replica("server12", at(1000)), next)?.seconds, 801);
  });

  it("is one where the same server has counted no write since the record was made", () => {
    assert.equal(unwritten(idle, seen(at(1014), 5)), true);
    assert.equal(unwritten(idle, seen(at(1014), 6)), false);
    const saved = { by: "server12", seen: master(at(1014), { unsaved: { count: 0, savedAt_s: 8 } }) };
    assert.equal(unwritten(idle, saved), false, "writes may have come before that snapshot");
    assert.equal(unwritten(idle, seen(at(1014, "b"), 5)), false, "another history");
    const again = { by: "server12", seen: { ...seen(at(1014), 0).seen, runId: "restarted" } };
    assert.equal(unwritten(idle, again), false, "it may have loaded less");
    assert.equal(unwritten(idle, { by: "server12", seen: master(at(1014)) }), false, "nobody counted");
    assert.equal(unwritten(undefined, seen(at(1014), 5)), false);
    assert.equal(unwritten(idle, undefined), false);
  });
});
