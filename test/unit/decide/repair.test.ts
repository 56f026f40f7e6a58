import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RepairFacts, repairOf } from "../../../src/decide/repair.ts";

/** A replica at rest whose hook came too early: BACKUP is to be carried out once more. */
const missed: RepairFacts = {
  cause: "not-following",
  lasting_s: 0,
  vrrp: "BACKUP",
  holdsVip: false,
  atWork: false,
  keepalivedRuns: () => true,
};
const repair = (more: Partial<RepairFacts> = {}) => repairOf({ ...missed, ...more });

describe("the transition to carry out once more where Redis isn't as it should be", () => {
  it("is MASTER at the holder, whatever Keepalived said last", () => {
    for (const vrrp of ["MASTER", "BACKUP", "FAULT"] as const) assert.equal(repair({ vrrp, holdsVip: true }), "MASTER");
  });

  it("is Keepalived's last word elsewhere; a MASTER that has lost the virtual IP is a BACKUP by now", () => {
    assert.equal(repair({ vrrp: "MASTER" }), "BACKUP");
    assert.equal(repair({ vrrp: "BACKUP" }), "BACKUP");
    assert.equal(repair({ vrrp: "FAULT" }), "FAULT");
  });

  it("is none while Keepalived isn't running here: nobody has said what this node is", () => {
    for (const holdsVip of [true, false])
      for (const vrrp of [undefined, "STOP"] as const) assert.equal(repair({ vrrp, holdsVip }), undefined);
    const keepalivedRuns = () => false;
    for (const lasting_s of [2.5, 10]) assert.equal(repair({ vrrp: undefined, lasting_s, keepalivedRuns }), undefined);
    assert.equal(repair({ keepalivedRuns }), "BACKUP", "Keepalived has said what this node is");
  });

  it("is BACKUP, or MASTER with the virtual IP, where the first hook since boot was killed before it left its mark", () => {
    for (const [holdsVip, transition] of [
      [false, "BACKUP"],
      [true, "MASTER"],
    ] as const) {
      assert.equal(repair({ vrrp: undefined, holdsVip, lasting_s: 1.9 }), undefined);
      assert.equal(repair({ vrrp: undefined, holdsVip, lasting_s: 2 }), transition);
    }
    assert.equal(repair({ vrrp: "STOP", lasting_s: 2 }), undefined);
  });

  it("is none while a transition is carried out: it may be doing just that", () => {
    assert.equal(repair({ atWork: true }), undefined);
  });

  it("is none for a cause that no hook could put right", () => {
    for (const cause of ["refused", "timeout", "loading", "incomplete", "password", "draining", "master", "replica"])
      assert.equal(repair({ cause }), undefined, cause);
  });

  it("is carried out at once for every cause that a hook puts right, but for those that mostly end by themselves", () => {
    const atOnce = [
      "isolated",
      "not-following",
      "master-without-vip",
      "holder-is-replica",
      "holder-is-no-master",
      "copy-stalled",
    ];
    for (const cause of atOnce) assert.equal(repair({ cause }), "BACKUP", cause);
    for (const cause of ["link-down", "two-masters"]) {
      assert.equal(repair({ cause }), undefined, cause);
      assert.equal(repair({ cause, lasting_s: 0.49 }), undefined, cause);
      assert.equal(repair({ cause, lasting_s: 0.5 }), "BACKUP", cause);
    }
  });

  it("is tried for three seconds, then in two seconds of ten: each try is in the log", () => {
    const tried = Array.from({ length: 32 }, (_, lasting_s) => lasting_s).filter((lasting_s) => repair({ lasting_s }));
    assert.deepEqual(tried, [0, 1, 2, 10, 11, 20, 21, 30, 31]);
    assert.equal(repair({ lasting_s: 2.9 }), "BACKUP");
    assert.equal(repair({ lasting_s: 11.9 }), "BACKUP");
    assert.equal(repair({ lasting_s: 12 }), undefined);
  });
});
