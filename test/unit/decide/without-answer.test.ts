import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decide } from "../../../src/decide/transition.ts";
import type { Observation } from "../../../src/model/observation.ts";
import type { Transition } from "../../../src/model/transition.ts";
import { planned } from "./plan-in-words.ts";
import { at, gone, master, refusing, replica, situation } from "./situations.ts";

const all: Transition[] = ["MASTER", "BACKUP", "FAULT", "STOP"];
const hung: Observation = { kind: "unreachable", why: "timeout", detail: "192.0.2.11:6379: no answer" };
const loading = master(at(0), { loading: { eta_s: 3 } });
const peers = { server12: master(at(100)) };

describe("our own Redis tells us nothing", () => {
  it("it is dead: only a take-over has to say so, with what to do", () => {
    const { row, steps, refusal } = decide("MASTER", situation(gone, peers));
    assert.deepEqual({ row, steps }, { row: "the local Redis doesn't answer, at MASTER: refuse", steps: [] });
    assert.match(refusal?.cause ?? "", /ECONNREFUSED/);
    assert.match(refusal?.remedy ?? "", /recover-master/);
    for (const transition of all.slice(1)) {
      const row = "the local Redis doesn't answer: no steps are planned";
      assert.deepEqual(decide(transition, situation(gone, peers)), { row, steps: [] });
    }
  });

  it("it hangs: where it isn't to serve, an order is left for the moment when it goes on", () => {
    assert.equal(planned("BACKUP", situation(hung, peers)), "park-on-resume");
    assert.equal(planned("FAULT", situation(hung, peers)), "park-on-resume");
    assert.equal(planned("STOP", situation(hung, peers)), "", "there is no time for that");
    assert.equal(planned("MASTER", situation(hung, peers)), "!");
  });

  it("no order is left for one that is dead, or gone with its host: nobody would read it", () => {
    for (const why of ["refused", "closed", "garbage", "no-route"] as const) {
      assert.equal(planned("FAULT", situation({ ...hung, why }, peers)), "", why);
    }
  });

  it("it lives and refuses us: every transition says so, with what to do about that refusal", () => {
    for (const transition of all) {
      for (const [why, remedy] of [
        ["password", /redis.password_file/],
        ["permission", /rights/],
        ["full", /maxclients/],
      ] as const) {
        const { row, steps, refusal } = decide(transition, situation(refusing(why), peers));
        assert.deepEqual(
          { row, steps },
          { row: "the local Redis rejects our login or our commands: refuse", steps: [] },
        );
        assert.equal(refusal?.cause, `refused: ${why}`);
        assert.match(refusal?.remedy ?? "", remedy);
      }
    }
  });

  it("a script blocks it: at BACKUP and FAULT it is parked when the script ends, at MASTER and STOP there is only a way out to name", () => {
    const blocked = situation(refusing("busy"), peers);
    for (const transition of ["BACKUP", "FAULT"] as const) assert.equal(planned(transition, blocked), "park-on-resume");
    for (const transition of ["MASTER", "STOP"] as const) {
      const { steps, refusal } = decide(transition, blocked);
      assert.deepEqual(steps, []);
      assert.equal(refusal?.cause, "refused: busy");
      assert.match(refusal?.remedy ?? "", /SCRIPT KILL/);
    }
  });

  it("it is loading: its data set is waited for, then all is looked at anew; a stopping Keepalived leaves no time for that", () => {
    for (const transition of all.slice(0, 3))
      assert.equal(planned(transition, situation(loading, peers)), "wait-loaded, ...");
    const { row, ...rest } = decide("STOP", situation(loading, peers));
    assert.deepEqual(rest, { steps: [] });
    assert.match(row, /loading/);
  });

  it("a Redis that answers is asked by the table of the transition", () => {
    const facts = situation(replica("server12", at(100)), peers);
    assert.equal(planned("MASTER", facts), "hand-over from server12");
    assert.equal(planned("BACKUP", facts), "unfence");
    for (const transition of ["FAULT", "STOP"] as const) assert.equal(planned(transition, facts), "");
  });
});
