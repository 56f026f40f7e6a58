import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isGone,
  mayBeSlow,
  servesOthers,
  silenceMeansGone,
  unseenMasterPossible,
} from "../../../src/decide/peer-gone.ts";
import { at, gone, master, refusing, replica } from "./situations.ts";

const causes = ["refused", "closed", "no-route", "garbage", "tls"] as const;

describe("is this peer gone?", () => {
  it("it is when nobody answers there, for whatever reason", () => {
    for (const why of [...causes, "timeout"] as const)
      assert.equal(isGone({ kind: "unreachable", why, detail: "" }), true);
  });

  it("it isn't while it answers, were it only to reject us", () => {
    for (const seen of [master(at(1)), replica("server12", at(1)), refusing("password"), refusing("busy")])
      assert.equal(isGone(seen), false);
  });

  it("one that rejects us serves others, unless a script blocks it: that one is given up like one that hangs", () => {
    for (const why of ["password", "permission", "full"] as const) assert.equal(servesOthers(refusing(why)), true);
    assert.equal(servesOthers(refusing("busy")), false);
    assert.equal(servesOthers(gone), false);
    assert.equal(servesOthers(master(at(1))), false, "it rejects nobody: its own reading says what it is");
  });

  it("a connection that says nothing for the time-out is given up, unless nobody waits for that server", () => {
    assert.equal(silenceMeansGone("timeout", false), true);
    assert.equal(silenceMeansGone("timeout", true), false);
  });

  it("a connection that ends otherwise is no death: a new one is dialled", () => {
    for (const why of causes) assert.equal(silenceMeansGone(why, false), false, why);
  });

  it("one of which nothing is heard may only be slow, unless its host says that nobody listens there", () => {
    for (const why of ["timeout", "closed", "no-route", "garbage", "tls"] as const)
      assert.equal(mayBeSlow({ kind: "unreachable", why, detail: "" }), true, why);
    for (const seen of [gone, master(at(1)), refusing("busy"), refusing("password")])
      assert.equal(mayBeSlow(seen), false);
  });

  it("a silent peer may have become master; one whose host says that nobody listens, or that answers, has not", () => {
    assert.equal(unseenMasterPossible(["silent"]), true);
    assert.equal(unseenMasterPossible(["answers", "silent"]), true);
    assert.equal(unseenMasterPossible(["answers", "refused"]), false);
    assert.equal(unseenMasterPossible([]), false);
  });
});
