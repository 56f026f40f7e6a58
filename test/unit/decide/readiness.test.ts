import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readiness, type TargetFacts } from "../../../src/decide/switchover.ts";
import type { Verdict } from "../../../src/model/verdict.ts";

/** A replica of long standing on another host, checked every second. */
const target: TargetFacts = { name: "server12", follows_s: 100, local: undefined, checked_s: 1 };
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
});
