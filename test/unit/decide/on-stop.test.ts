import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed } from "../../../src/model/observation.ts";
import { planned } from "./plan-in-words.ts";
import { at, down, gone, master, replica, situation } from "./situations.ts";

const unsynced = { link: { positioned: false } };
const stopped = (ours: Observed, theirs: Parameters<typeof situation>[1]) => planned("STOP", situation(ours, theirs));

describe("STOP: Keepalived is stopping", () => {
  it("a master holds writes back for a replica that is about to take over, whichever peer that is", () => {
    assert.equal(stopped(master(at(100)), { server12: replica("server11", at(100)) }), "fence 15 s");
    const third = { server12: gone, server13: replica("server11", at(90)) };
    assert.equal(stopped(master(at(100)), third), "fence 15 s");
  });

  it("a master takes writes as before where nobody could take over from it", () => {
    assert.equal(stopped(master(at(100)), { server12: replica("server11", at(100), down) }), "", "its link is down");
    assert.equal(stopped(master(at(100)), { server12: replica("server11", at(100), unsynced) }), "", "no full copy");
    assert.equal(
      stopped(master(at(100)), { server12: replica("server13", at(100)) }),
      "",
      "it copies from another one",
    );
    assert.equal(stopped(master(at(100)), { server12: master(at(100)) }), "", "it is a master itself");
  });

  it("a replica has no writes to hold back, though others copy from it", () => {
    assert.equal(stopped(replica("server12", at(100)), { server13: replica("server11", at(100)) }), "");
  });

  it("does not wait for a Redis that loads: less than a second is left", () => {
    assert.equal(stopped(master(at(0), { loading: { eta_s: 3 } }), { server12: gone }), "");
  });
});
