import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readiness, secondsBehind, type TargetFacts } from "../../../src/decide/switchover.ts";
import type { Verdict } from "../../../src/model/verdict.ts";

/** A replica of long standing on another host, checked every second. */
const target: TargetFacts = {
  name: "server12",
  follows_s: 100,
  local: undefined,
  checked_s: 1,
  behind_s: 0,
  handover_s: 2,
};
const is = (more: Partial<TargetFacts> = {}) => readiness({ ...target, ...more });

const verdict = (healthy: boolean): Verdict => ({ healthy, cause: healthy ? "replica" : "draining", detail: "" });
const local = (keepalivedRuns: boolean, healthy = true) => ({ local: { keepalivedRuns, verdict: verdict(healthy) } });

describe("a switchover asks for the address only once the target would take it", () => {
  it("a replica of long standing is ready, and so is one of which the master says nothing", () => {
    assert.deepEqual(is(), { is: "ready" });
    assert.deepEqual(is({ follows_s: undefined }), { is: "ready" });
    assert.deepEqual(is(local(true)), { is: "ready" });
    assert.deepEqual(is({ local: { keepalivedRuns: true, verdict: undefined } }), { is: "ready" });
  });

  it("one that gave the address away a moment ago is waited for: a check, and a second for Keepalived", () => {
    for (const follows_s of [0, 1, 1.9]) assert.equal(is({ follows_s }).is, "wait");
    assert.equal(is({ follows_s: 2 }).is, "ready");
    assert.equal(is({ follows_s: 5.9, checked_s: 5 }).is, "wait");
    assert.equal(is({ follows_s: 6, checked_s: 5 }).is, "ready");
  });

  it("this node is waited for while its own check finds it unfit, and the cause is told", () => {
    const found = is(local(true, false));
    assert.equal(found.is, "wait");
    assert.match(found.is === "wait" ? found.for : "", /server12.*draining/);
  });

  it("this node is refused while Keepalived doesn't run here, with what to do", () => {
    const found = is(local(false));
    assert.equal(found.is, "refused");
    assert.match(found.is === "refused" ? found.refusal.cause : "", /server12/);
    assert.match(found.is === "refused" ? found.refusal.remedy : "", /start it/);
  });

  it("one that is behind by more than half of what a hand-over waits is waited for, and so is one of which that is not known yet", () => {
    for (const behind_s of [undefined, 1.1, 60]) {
      const found = is({ behind_s });
      assert.match(found.is === "wait" ? found.for : "", /server12 to catch up/);
    }
    for (const behind_s of [0, 1]) assert.equal(is({ behind_s }).is, "ready");
    assert.equal(is({ behind_s: 1.1, handover_s: 10 }).is, "ready");
  });
});

describe("by how many seconds a replica is behind", () => {
  const passed = [
    { at_s: 10, offset: 100 },
    { at_s: 11, offset: 200 },
    { at_s: 12, offset: 200 },
    { at_s: 13, offset: 300 },
  ];

  it("is the time since the master was where the replica is now", () => {
    assert.equal(secondsBehind(passed, 300, 13), 0);
    assert.equal(secondsBehind(passed, 299, 13), 1);
    assert.equal(secondsBehind(passed, 199, 13), 3);
  });

  it("is not known where the replica has not reached the first reading", () => {
    assert.equal(secondsBehind(passed, 99, 13), undefined);
    assert.equal(secondsBehind([], 99, 13), undefined);
  });
});
