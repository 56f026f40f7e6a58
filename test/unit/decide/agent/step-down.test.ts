import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentState } from "../../../../src/model/agent.ts";
import type { Reachability } from "../../../../src/model/observation.ts";
import { named, ToldAgent } from "./agents.ts";

const closed = { on: "fifo-closed" } as const;
const dead = { on: "keepalived-watched", dead: true } as const;
const alive = { on: "keepalived-watched", dead: false } as const;
const second = { on: "second", keepalivedRuns: true } as const;

const holder = (state: Partial<AgentState> = {}, peer: Reachability = "answers") =>
  new ToldAgent({ vrrp: "MASTER", ...state }, { holdsVip: true, peers: { server12: peer } });

describe("Keepalived closes the FIFO", () => {
  it("at the holder it is watched, once: it may have died and left the virtual IP, or just reload", () => {
    const agent = holder();
    assert.equal(named(agent.told(closed)), "watch-keepalived");
    assert.deepEqual(agent.told(closed), []);
  });

  it("without the virtual IP nothing was left behind; in maintenance it is the operator's work", () => {
    assert.deepEqual(new ToldAgent({ vrrp: "BACKUP" }).told(closed), []);
    assert.deepEqual(holder().told(closed, { maintenance: true }), []);
  });

  it("it just reloaded: the next time it is watched again", () => {
    const agent = holder();
    agent.told(closed);
    assert.deepEqual(agent.told(alive), []);
    assert.equal(named(agent.told(closed)), "watch-keepalived");
  });

  it("it died and a peer answers: this node steps down, and is a BACKUP from then on", () => {
    const agent = holder();
    agent.told(closed);
    assert.equal(named(agent.told(dead)), "step-down");
    assert.deepEqual(agent.told(closed), [], "not twice at once");
    assert.deepEqual(agent.told({ on: "stepped-down" }, { holdsVip: false }), []);
    assert.equal(agent.state.vrrp, "BACKUP");
    assert.equal(named(agent.told(closed, { holdsVip: true })), "watch-keepalived", "it is over");
  });

  it("one of two peers that answers is enough", () => {
    const agent = holder();
    agent.told(closed, { peers: { server12: "silent", server13: "answers" } });
    assert.equal(named(agent.told(dead)), "step-down");
  });

  it("it died, and the virtual IP has left meanwhile: nothing to give up", () => {
    const agent = holder();
    agent.told(closed);
    assert.deepEqual(agent.told(dead, { holdsVip: false }), []);
    assert.equal(named(agent.told(closed, { holdsVip: true })), "watch-keepalived");
  });

  it("it died and no peer answers: somebody has to serve, so the virtual IP stays, with one error in the log", () => {
    for (const peer of ["silent", "refused"] as const) {
      const agent = holder({}, peer);
      agent.told(closed);
      const [error, ...more] = agent.told(dead);
      assert.ok(error?.do === "log" && error.event === "vip-stays" && error.level === "error");
      assert.match(error.message, /virtual IP stays/);
      assert.deepEqual(more, []);
      assert.equal(named(agent.told(closed)), "watch-keepalived");
      assert.deepEqual(agent.told(dead), [], "said once");
      assert.equal(named(agent.told(closed)), "watch-keepalived");
      assert.deepEqual(agent.told(dead), [], "and not again");
      assert.equal(named(agent.told(closed)), "watch-keepalived");
      assert.equal(named(agent.told(dead, { peers: { server12: "answers" } })), "step-down", "the peer is back");
    }
  });

  it("an error that was said before a step-down is said again after it", () => {
    const agent = holder({}, "silent");
    agent.told(dead);
    agent.told(dead, { peers: { server12: "answers" } });
    agent.told({ on: "stepped-down" });
    assert.equal(named(agent.told(dead, { peers: { server12: "silent" } })), "log vip-stays");
  });
});

describe("every second: does Keepalived do as it was told?", () => {
  const unfitSince = (told_s: number, told: 0 | 1 | undefined = 0): Partial<AgentState> => ({
    health: { verdict: undefined, unlogged: undefined, told, told_s },
  });
  // Now it is second 100.
  const heardIn = (state: Partial<AgentState>) => named(holder(state).told(second));

  it("it was told that this node is unfit, and the virtual IP is still here after 1.5 s: it hangs, so step down", () => {
    assert.equal(heardIn(unfitSince(98.5)), "check", "it has 1.5 s");
    assert.equal(heardIn(unfitSince(98.49)), "check, step-down");
  });

  it("this node is fit, or nothing was said of it yet: Keepalived may keep the virtual IP", () => {
    assert.equal(heardIn(unfitSince(0, 1)), "check");
    assert.equal(heardIn({}), "check");
  });

  it("the virtual IP has left: it did as told", () => {
    assert.equal(named(new ToldAgent({ vrrp: "BACKUP", ...unfitSince(0) }).told(second)), "check");
  });

  it("this node is stepping down already", () => {
    const agent = holder(unfitSince(0));
    assert.equal(named(agent.told(second)), "check, step-down");
    assert.equal(named(agent.told(second)), "check");
    agent.told({ on: "stepped-down" });
    assert.equal(named(agent.told(second, { holdsVip: false })), "check");
  });

  it("no peer answers: the virtual IP stays, with one error in the log", () => {
    const agent = holder(unfitSince(0), "silent");
    assert.equal(named(agent.told(second)), "check, log vip-stays");
    assert.equal(named(agent.told(second)), "check");
    assert.equal(named(agent.told(second, { peers: { server12: "answers" } })), "check, step-down");
  });
});
