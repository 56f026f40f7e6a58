import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { complete, couldServe, empty, newCluster } from "../../../src/decide/may-serve.ts";
import { at, blank, gone, master, refusing, replica, servedUpTo1000, situation } from "./situations.ts";

const loading = { loading: { eta_s: 3 } };
const unsynced = { link: { positioned: false } };

describe("may this data set be served?", () => {
  it("complete: a master's own, and that of a replica at a known position of its master's history", () => {
    assert.equal(complete(master(at(100))), true);
    assert.equal(complete(master(at(0))), true, "an empty one is complete, too");
    assert.equal(complete(replica("server12", at(100))), true);
    assert.equal(complete(replica("server12", at(100), { link: { link: "down" } })), true, "its master may be dead");
  });

  it("not complete: before a first copy, amid one, and while it is read from disk", () => {
    assert.equal(complete(blank("server12")), false);
    assert.equal(complete(replica("server12", at(100), { link: { syncing: true, ...unsynced.link } })), false);
    assert.equal(complete(master(at(100), loading)), false);
    assert.equal(complete(replica("server12", at(100), loading)), false);
  });

  it("empty: no key, and no write was ever taken", () => {
    assert.equal(empty(blank("server12")), true);
    assert.equal(empty(master(at(0))), true);
    assert.equal(empty(master(at(100), { keys: 0 })), false, "all were deleted: that is data, too");
    assert.equal(empty(master(at(0), { keys: 1 })), false);
    assert.equal(empty(replica("server12", at(100), { keys: 0, ...unsynced })), true, "its offset is of no copy");
    assert.equal(empty(master(at(0), loading)), false, "its keys come in one by one");
  });

  it("a new cluster: every node answers, and none has any data", () => {
    const fresh = blank("server12");
    assert.equal(newCluster(situation(fresh, { server12: blank("server11"), server13: master(at(0)) })), true);
    assert.equal(newCluster(situation(fresh, { server12: blank("server11"), server13: gone })), false);
    assert.equal(newCluster(situation(fresh, { server12: refusing("password") })), false);
    assert.equal(newCluster(situation(fresh, { server12: master(at(100)) })), false);
    assert.equal(newCluster(situation(master(at(100)), { server12: blank("server11") })), false);
    assert.equal(newCluster(situation(gone, { server12: blank("server11") })), false);
  });

  it("no new cluster: this node has seen data served, be it one key", () => {
    const after = (keys: number) =>
      newCluster(situation(blank("server12"), { server12: blank("server11") }, { served: servedUpTo1000({ keys }) }));
    assert.deepEqual([after(0), after(1)], [true, false]);
  });

  it("it could take the role over: complete, and its disk lets it take writes", () => {
    assert.equal(couldServe(master(at(100))), true);
    assert.equal(couldServe(replica("server12", at(100))), true);
    assert.equal(couldServe(blank("server12")), false);
    assert.equal(couldServe(master(at(100), { refusesWrites: "MISCONF" })), false);
  });
});
