import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentNow, VerdictChange } from "../../../../src/model/agent.ts";
import type { Observation } from "../../../../src/model/observation.ts";
import type { Verdict } from "../../../../src/model/verdict.ts";
import { at, gone, master, replica } from "../situations.ts";
import { named, ToldAgent } from "./agents.ts";

const fit = (cause: string): Verdict => ({ healthy: true, cause, detail: "" });
const unfit = (cause: string): Verdict => ({ healthy: false, cause, detail: "" });
const change = (message: string): VerdictChange => ({ level: "warn", message, fields: { cause: message } });
const accessSet = { on: "client-access-set", holder: false } as const;

interface Check {
  change?: VerdictChange;
  holder?: boolean;
  seen?: Observation;
}

const checked = (verdict: Verdict, { holder = false, seen, change }: Check = {}) =>
  ({ on: "checked", verdict, holder, seen, change }) as const;

/** A check with this verdict from its end to what Keepalived and the log hear of it. */
function afterCheck(agent: ToldAgent, verdict: Verdict, check: Check = {}, now: Partial<AgentNow> = {}): string {
  agent.told(checked(verdict, check), now);
  const effects = agent.told({ on: "client-access-set", holder: check.holder ?? false });
  for (const effect of effects) if (effect.do === "tell-health") agent.told({ on: "health-told", fit: effect.fit });
  return named(effects);
}

describe("a health check has ended", () => {
  it("clients are let in, should they be blocked; then Keepalived hears the verdict", () => {
    const agent = new ToldAgent();
    assert.deepEqual(agent.told(checked(fit("replica"))), [{ do: "unblock-clients", holder: false }]);
    assert.deepEqual(agent.told(accessSet), [{ do: "tell-health", fit: 1 }]);
    assert.deepEqual(agent.state.health.verdict, fit("replica"));
  });

  it("a holder that was asked to give the virtual IP away blocks its clients first, then says that it is unfit", () => {
    const agent = new ToldAgent({}, { holdsVip: true });
    const blocked = agent.told(checked(unfit("draining"), { holder: true }));
    assert.deepEqual(blocked, [{ do: "block-clients", holder: true }]);
    assert.equal(named(agent.told({ ...accessSet, holder: true })), "tell unfit");
  });

  it("drained, but no holder any more, or unfit for another cause: clients are let in", () => {
    assert.equal(named(new ToldAgent().told(checked(unfit("draining")))), "unblock-clients");
    const holder = new ToldAgent().told(checked(unfit("refused"), { holder: true }));
    assert.deepEqual(holder, [{ do: "unblock-clients", holder: true }]);
  });

  it("what was read of the local Redis is remembered; a check that read nothing, as in maintenance, changes nothing", () => {
    const agent = new ToldAgent();
    const seen = master(at(100));
    agent.told(checked(fit("master"), { seen }));
    assert.equal(agent.state.local.seen, seen);
    agent.told(checked(fit("master")));
    assert.equal(agent.state.local.seen, seen);
    agent.told(checked(unfit("refused"), { seen: gone }));
    assert.equal(agent.state.local.seen, gone);
  });

  it("a Redis that isn't known to be well is unfit", () => {
    assert.equal(named(new ToldAgent().told(accessSet)), "tell unfit");
  });

  it("unfit while the local Redis is gone: a check that began before says otherwise", () => {
    const agent = new ToldAgent();
    agent.told({ on: "link-gone", node: "server11", why: "refused", detail: "" });
    assert.equal(afterCheck(agent, fit("replica")), "tell unfit");
  });

  it("unfit while this node is withDrain, whatever the check found", () => {
    assert.equal(afterCheck(new ToldAgent(), fit("replica"), {}, { draining: true }), "tell unfit");
  });

  it("a change of the verdict is in the log, once and word by word", () => {
    const agent = new ToldAgent();
    agent.told(checked(unfit("timeout"), { change: change("it hangs") }));
    const [, line] = agent.told(accessSet);
    assert.deepEqual(line, { do: "log", event: "verdict", ...change("it hangs") });
    agent.told({ on: "health-told", fit: 0 });
    assert.deepEqual(agent.state.health.verdict, unfit("timeout"), "the verdict stands");
    assert.equal(afterCheck(agent, unfit("timeout")), "tell unfit");
  });

  it("one that loads, or copies all of it, is checked again in 0.1 s: nobody could take over until it is known", () => {
    for (const cause of ["loading", "incomplete"])
      assert.equal(afterCheck(new ToldAgent(), unfit(cause)), "tell unfit, check in 100 ms");
  });

  it("otherwise the next second is soon enough", () => {
    for (const cause of ["loading", "incomplete"])
      assert.equal(afterCheck(new ToldAgent(), fit(cause)), "tell fit", "nobody would do better");
    assert.equal(afterCheck(new ToldAgent(), unfit("refused")), "tell unfit");
  });
});

describe("since when Keepalived knows", () => {
  it("is the moment of the change, not that of a later check with the same answer", () => {
    const agent = new ToldAgent();
    agent.told({ on: "health-told", fit: 0 }, { at_s: 100 });
    agent.told({ on: "health-told", fit: 0 }, { at_s: 101 });
    assert.equal(agent.state.health.told_s, 100);
    agent.told({ on: "health-told", fit: 1 }, { at_s: 102 });
    assert.deepEqual([agent.state.health.told, agent.state.health.told_s], [1, 102]);
  });
});

describe("a replica that was parked because its master was lost", () => {
  /** Fit until second 100, when its replica is parked. */
  function parked(): ToldAgent {
    const agent = new ToldAgent({ vrrp: "BACKUP" });
    afterCheck(agent, fit("replica"), { seen: replica("server12", at(100)) });
    agent.told({ on: "link-broke", node: "server12" });
    agent.told({ on: "role-change-ended", parked: true }, { at_s: 100 });
    return agent;
  }
  const notFollowing = unfit("not-following");
  const lost = { change: change("parked") };

  it("isn't held against this node for 1 s: it follows again if its master lives", () => {
    assert.equal(afterCheck(parked(), notFollowing, lost, { at_s: 100.99 }), "tell fit");
    assert.equal(afterCheck(parked(), notFollowing, lost, { at_s: 101 }), "tell unfit, log verdict");
  });

  it("it follows again within that second: nobody hears of it", () => {
    const agent = parked();
    afterCheck(agent, notFollowing, lost, { at_s: 100.1 });
    assert.equal(afterCheck(agent, fit("replica"), {}, { at_s: 100.2 }), "tell fit");
    assert.equal(afterCheck(agent, notFollowing, {}, { at_s: 102 }), "tell unfit", "that change is forgotten");
  });

  it("it doesn't: after that second the log hears what it missed", () => {
    const agent = parked();
    afterCheck(agent, notFollowing, lost, { at_s: 100.1 });
    assert.equal(afterCheck(agent, notFollowing, {}, { at_s: 101 }), "tell unfit, log verdict");
  });

  it("a newer change takes the place of one that was withheld", () => {
    const agent = parked();
    afterCheck(agent, notFollowing, lost, { at_s: 100.1 });
    afterCheck(agent, unfit("timeout"), { change: change("it hangs") }, { at_s: 100.2 });
    const line = agent.effects.at(-1);
    assert.ok(line?.do === "log");
    assert.equal(line.message, "it hangs");
  });

  it("a node that was unfit before, is unfit for another cause, or whose replica was left alone, is told at once", () => {
    const before = parked();
    before.told({ on: "health-told", fit: 0 });
    assert.equal(afterCheck(before, notFollowing, {}, { at_s: 100.1 }), "tell unfit");
    assert.equal(afterCheck(parked(), unfit("link-down"), {}, { at_s: 100.1 }), "tell unfit");
    const leftAlone = new ToldAgent({ vrrp: "BACKUP" });
    afterCheck(leftAlone, fit("replica"));
    leftAlone.told({ on: "link-broke", node: "server12" });
    leftAlone.told({ on: "role-change-ended", parked: false });
    assert.equal(afterCheck(leftAlone, notFollowing, {}, { at_s: 100.1 }), "tell unfit");
  });

  it("nor is one fit that is withDrain, or gone by then", () => {
    assert.equal(afterCheck(parked(), notFollowing, {}, { at_s: 100.1, draining: true }), "tell unfit");
    const agent = parked();
    agent.told({ on: "link-gone", node: "server11", why: "refused", detail: "" });
    assert.equal(afterCheck(agent, notFollowing, {}, { at_s: 100.1 }), "tell unfit");
  });
});
