import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { claim, replicaPosition } from "../../../src/decide/claim.ts";
import type { ConnectedReplica, Observed } from "../../../src/model/observation.ts";
import type { ReplicaPosition } from "../../../src/model/verdict.ts";
import { at, master, replica } from "./situations.ts";

const connected = (offset: number, more: Partial<ConnectedReplica> = {}): ConnectedReplica => {
  return { host: "192.0.2.12", port: 6379, online: true, offset, lag_s: 0, ...more };
};
const silent = (offset: number) => connected(offset, { lag_s: 2 });
const promotedAt = (until: number) => ({ id: "old", until });

/** The claim of a master that took this many bytes since the last of its replicas fell silent. */
const alone = (bytes: number, copied = 1000): number => claim(master(at(copied + bytes)), { id: "a", offset: copied });

describe("what a node adds to its VRRP priority", () => {
  it("is nothing while a replica keeps up, or while nobody has ever been seen to copy", () => {
    assert.equal(claim(master(at(500)), { id: "a" }), 0);
    assert.equal(claim(master(at(500)), undefined), 0);
  });

  it("is nothing at a replica, whatever it remembers of its time as a master", () => {
    assert.equal(claim(replica("server12", at(500)), { id: "a", offset: 100 }), 0);
  });

  it("is -100 for a master alone that took nothing since, three more for each doubling of the bytes, and at most -1", () => {
    for (const [bytes, expected] of [
      [0, -100],
      [1, -97],
      [3, -94],
      [7, -91],
      [1023, -70],
      [2 ** 20 - 1, -40],
      [2 ** 30 - 1, -10],
      [2 ** 33 - 1, -1],
      [2 ** 50, -1],
    ] as const) {
      assert.equal(alone(bytes), expected, `${bytes} bytes`);
    }
  });

  it("is a whole number: VRRP has no others", () => {
    assert.equal(alone(2), -96);
    assert.equal(alone(4), -94);
  });

  it("is -100 where the offset went back behind what a replica had: nothing of it is new", () => {
    assert.equal(alone(-400), -100);
  });

  it("goes by the changes of a master without a backlog, as 64 bytes each: its offset stands still", () => {
    const uncounted = (count?: number) => {
      const unsaved = count === undefined ? undefined : { count, savedAt_s: 7 };
      return claim(master({ ...at(500), uncounted: true }, { unsaved }), { id: "a", offset: 0 });
    };
    assert.equal(uncounted(1000), alone(64_000));
    assert.equal(uncounted(1), alone(64));
    assert.equal(uncounted(0), -100);
    assert.equal(uncounted(), -100);
  });

  it("goes by all changes that were seen where snapshots set the count of a master without a backlog back", () => {
    const looks = [
      [100, 7],
      [700, 7],
      [50, 8],
      [50, 8],
      [0, 9],
      [250, 9],
    ] as const;
    let known: ReplicaPosition | undefined;
    let ours = master(at(500));
    for (const [count, savedAt_s] of looks) {
      ours = master({ ...at(500, "a", promotedAt(500)), uncounted: true }, { unsaved: { count, savedAt_s } });
      known = replicaPosition(ours, known);
    }
    assert.deepEqual(known, { id: "a", offset: 500, changes: { total: 1000, count: 250, savedAt_s: 9 } });
    assert.equal(claim(ours, known), alone(64_000));
    // After another promotion they are another history's.
    const promoted = { ...ours, history: { ...ours.history, id: "b" } };
    assert.equal(replicaPosition(promoted, known)?.changes?.total, 250);
  });

  it("never falls as writes come in, and stays from -100 to -1: the priority is at most 254 and must stay above 0", () => {
    const bytes = fc.integer({ min: 0, max: 2 ** 45 });
    fc.assert(
      fc.property(bytes, bytes, (some, more) => {
        assert.ok(alone(some) <= alone(some + more));
        assert.ok(alone(some) >= -100 && alone(some) <= -1);
      }),
    );
  });
});

describe("what a master remembers of its replicas from one look to the next", () => {
  const rows: [string, Observed, ReplicaPosition | undefined, ReplicaPosition | undefined][] = [
    ["a replica remembers nothing", replica("server12", at(500)), { id: "a", offset: 100 }, undefined],
    ["a replica keeps up", master(at(500), { replicas: [connected(480)] }), undefined, { id: "a" }],
    [
      "one is back, and keeps up",
      master(at(500), { replicas: [connected(480)] }),
      { id: "a", offset: 100 },
      { id: "a" },
    ],
    ["one of two keeps up", master(at(500), { replicas: [silent(300), connected(480)] }), { id: "a" }, { id: "a" }],
    [
      "all have fallen silent: the one that got furthest counts",
      master(at(500), { replicas: [silent(300), silent(450), silent(400)] }),
      { id: "a" },
      { id: "a", offset: 450 },
    ],
    [
      "a first copy is under way: what it has acknowledged is none yet",
      master(at(500), { replicas: [connected(0, { online: false })] }),
      undefined,
      { id: "a", offset: 0 },
    ],
    [
      "still silent: where they were when they fell silent stands",
      master(at(900), { replicas: [silent(450)] }),
      { id: "a", offset: 400 },
      { id: "a", offset: 400 },
    ],
    ["they have gone since, too", master(at(900)), { id: "a", offset: 400 }, { id: "a", offset: 400 }],
    ["nothing was copied when they fell silent", master(at(900)), { id: "a", offset: 0 }, { id: "a", offset: 0 }],
    [
      "it fell silent and was gone between two looks: what this master has now, it had then, as far as we know",
      master(at(900)),
      { id: "a" },
      { id: "a", offset: 900 },
    ],
    [
      "just promoted: it shares with the others what it had then",
      master(at(900, "a", promotedAt(700))),
      { id: "old", offset: 300 },
      { id: "a", offset: 700 },
    ],
    [
      "just promoted, and a replica of before falls silent: where that one was",
      master(at(900, "a", promotedAt(700)), { replicas: [silent(650)] }),
      { id: "old", offset: 300 },
      { id: "a", offset: 650 },
    ],
    [
      "the first look at a master that was promoted",
      master(at(900, "a", promotedAt(700))),
      undefined,
      { id: "a", offset: 700 },
    ],
    [
      "promoted long ago, its replica has just gone",
      master(at(900, "a", promotedAt(700))),
      { id: "a" },
      { id: "a", offset: 900 },
    ],
    ["the first look at a master that was never anything else", master(at(900)), undefined, { id: "a", offset: 900 }],
  ];
  for (const [name, ours, before, expected] of rows) {
    it(name, () => assert.deepEqual(replicaPosition(ours, before), expected));
  }

  it("a split: the master that was left alone claims by what it took since, not by what it has", () => {
    const before = replicaPosition(master(at(1_000_000), { replicas: [connected(1_000_000)] }), undefined);
    const cutOff = replicaPosition(master(at(1_000_000), { replicas: [silent(1_000_000)] }), before);
    const later = master(at(1_001_023));
    assert.equal(claim(later, replicaPosition(later, cutOff)), -70);
  });
});
