import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed } from "../../../src/model/observation.ts";
import { nextVerdict } from "../../../src/monitor/records.ts";
import type { LastVerdict } from "../../../src/state/last-verdict.ts";
import { at, master, replica, situation } from "../decide/situations.ts";

describe("since when two masters dispute the role", () => {
  const ours = master(at(100));
  const check = (seen: Observed, theirs: Observed | undefined, last?: LastVerdict) => {
    const checked = { holder: false, inTransition: true, keepalivedStopped: false, restarted: false };
    const verdict = { healthy: true, cause: "master-without-vip", detail: "" };
    const looked = theirs && situation(seen, { server12: theirs });
    return nextVerdict({ verdict, seen, ...checked }, last, undefined, looked);
  };
  const disputed: LastVerdict = { ...check(ours, master(at(90, "b"))), disputed_since_s: 17 };
  const since = (seen: Observed, theirs: Observed | undefined) => check(seen, theirs, disputed).disputed_since_s;

  it("from the first look that finds another master, as long as one is found", () => {
    assert.notEqual(check(ours, master(at(90, "b"))).disputed_since_s, undefined);
    assert.equal(since(ours, master(at(95, "b"))), 17);
  });

  it("goes on while nobody looks, as it is during a transition", () => assert.equal(since(ours, undefined), 17));

  it("ends when the other one is no master, or this one, or a replica keeps up", () => {
    assert.equal(since(ours, replica("server11", at(100))), undefined);
    assert.equal(since(replica("server12", at(100)), undefined), undefined);
    const followed = master(at(100), {
      replicas: [{ host: "192.0.2.12", port: 6379, online: true, offset: 100, lag_s: 0 }],
    });
    assert.equal(since(followed, undefined), undefined);
  });
});
