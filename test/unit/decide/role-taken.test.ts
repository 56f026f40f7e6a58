import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { roleTakenAgain, roleTakenHold_s, takenBy } from "../../../src/decide/role-taken.ts";
import { decide } from "../../../src/decide/transition.ts";
import type { Observation } from "../../../src/model/observation.ts";
import type { RoleTaken } from "../../../src/model/verdict.ts";
import { at, down, gone, master, replica, situation } from "./situations.ts";

/** The role was taken at these seconds since boot. */
const takenAt = (...seconds: number[]): RoleTaken | undefined =>
  seconds.reduce<RoleTaken | undefined>((before, at_s) => roleTakenAgain(before, at_s), undefined);

describe("another node took the role from the holder", () => {
  it("once: the end of a split, and two seconds are enough for Keepalived", () => {
    assert.deepEqual(takenAt(50), { times: 1, at_s: 50 });
    assert.equal(roleTakenHold_s(takenAt(50)), 2);
    assert.equal(roleTakenHold_s(undefined), 2, "it was never taken");
  });

  it("again and again: the nodes don't hear each other's adverts, so this one stays away twice as long each time, ten minutes at most", () => {
    const holds = Array.from({ length: 9 }, (_, times) =>
      roleTakenHold_s(takenAt(...Array.from({ length: times + 1 }, (_, nth) => nth * 60))),
    );
    assert.deepEqual(holds, [2, 20, 40, 80, 160, 320, 600, 600, 600]);
  });

  it("after twenty minutes without it, it is the first time again", () => {
    assert.equal(takenAt(50, 1249)?.times, 2);
    assert.equal(takenAt(50, 1250)?.times, 1);
    assert.equal(takenAt(50, 60, 1260)?.times, 1);
  });

  it("the twenty minutes begin with the last time", () => {
    assert.equal(takenAt(0, 1000, 2000, 3000)?.times, 4);
  });

  it("two nodes that take the role from each other for an hour do so less than 25 times", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (between_s) => {
        let taken: RoleTaken | undefined;
        let times = 0;
        for (let at_s = 0; at_s < 3600; at_s += roleTakenHold_s(taken) + between_s) {
          taken = roleTakenAgain(taken, at_s);
          times++;
        }
        assert.ok(times < 25, `${times} times`);
      }),
    );
  });
});

describe("a holder that was master a moment ago, and is a replica now", () => {
  const silent: Observation = { kind: "unreachable", why: "timeout", detail: "no answer" };
  const here = (ours = replica("server12", at(1000), down), server12: Observation = silent, more = {}) => {
    const { node, ...rest } = situation(ours, { server12 }, { begun: true, ...more });
    return { ...rest, node: { ...node, holdsVip: true, wasMaster: true } };
  };
  const steps = (...of: Parameters<typeof here>) => decide("MASTER", here(...of)).steps.map(({ do: step }) => step);

  it("waits for the node that took the role: it was alive then", () => {
    assert.equal(takenBy(here())?.name, "server12");
    assert.deepEqual(steps(), ["wait-answer"]);
  });

  it("does not wait longer than that, for a node whose host refuses, for nobody, or if an operator says so", () => {
    assert.equal(steps(undefined, undefined, { begun: undefined })[0], "promote");
    assert.equal(steps(undefined, gone)[0], "promote");
    assert.equal(steps(replica("127.0.0.1", at(1000), { link: { link: "down", port: 1 } }))[0], "promote");
    assert.equal(steps(undefined, undefined, { allowDataLoss: true })[0], "promote");
    const before = here();
    assert.equal(decide("MASTER", { ...before, node: { ...before.node, wasMaster: false } }).steps[0]?.do, "promote");
    assert.equal(takenBy(here(master(at(1000)))), undefined);
    const absent = here();
    assert.equal(takenBy({ ...absent, node: { ...absent.node, seen: gone } }), undefined);
  });
});
