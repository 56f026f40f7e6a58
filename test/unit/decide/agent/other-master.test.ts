import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Transition } from "../../../../src/model/transition.ts";
import { at, gone, master, replica } from "../situations.ts";
import { named, ToldAgent } from "./agents.ts";

const second = { on: "second", keepalivedRuns: true } as const;
const ended = { on: "role-change-ended", parked: false } as const;
const looked = (because: "sole-master" | "repair", found: boolean) =>
  ({ on: "other-master-looked", because, found }) as const;
const due = (transition: Transition) => ({ on: "repair-due", transition }) as const;

function holder(): ToldAgent {
  const agent = new ToldAgent({ vrrp: "MASTER" }, { holdsVip: true });
  agent.state.local.seen = master(at(100));
  return agent;
}

describe("every second a holder that is master asks whether another node is, too", () => {
  it("two may have met before Keepalived elected one: MASTER is carried out, which decides who stays", () => {
    const agent = holder();
    assert.deepEqual(agent.told(second), [{ do: "check" }, { do: "look-for-other-master", because: "sole-master" }]);
    assert.equal(named(agent.told(looked("sole-master", true))), "MASTER");
  });

  it("it is the only one: nothing", () => assert.deepEqual(holder().told(looked("sole-master", false)), []));

  it("the virtual IP has left while it asked: nothing, and the BACKUP that came meanwhile is not superseded", () => {
    for (const answer of [looked("sole-master", true), looked("repair", false)]) {
      const agent = holder();
      agent.told({ on: "vrrp-line", state: "BACKUP" }, { holdsVip: false });
      assert.deepEqual(agent.told(answer), []);
      assert.equal(named(agent.told(ended)), "check");
    }
  });

  it("not asked without the virtual IP, by a replica, or while nothing is known of the local Redis", () => {
    const agents = { elsewhere: holder(), replica: holder(), silent: holder() };
    agents.elsewhere.told({ on: "vrrp-line", state: "BACKUP" }, { holdsVip: false });
    agents.elsewhere.told(ended);
    agents.replica.state.local.seen = replica("server12", at(100));
    agents.silent.state.local.seen = gone;
    for (const [name, agent] of Object.entries(agents)) assert.equal(named(agent.told(second)), "check", name);
  });

  it("not asked while a role change is carried out, which settles it anyway", () => {
    const agent = holder();
    agent.told({ on: "vrrp-line", state: "MASTER" });
    assert.equal(named(agent.told(second)), "check");
    agent.told(ended);
    assert.equal(named(agent.told(second)), "check, look-for-other-master");
  });
});

describe("the health check wants a transition to be carried out once more", () => {
  it("a replica that a hook has not put right: at once, unless it was tried less than 1 s ago", () => {
    for (const transition of ["BACKUP", "FAULT"] as const) {
      const agent = new ToldAgent({ vrrp: transition });
      assert.equal(named(agent.told(due(transition), { at_s: 100 })), transition);
      agent.told(ended);
      assert.deepEqual(agent.told(due(transition), { at_s: 100.99 }), []);
      assert.equal(named(agent.told(due(transition), { at_s: 101 })), transition);
    }
  });

  it("while another role change is carried out it waits for its turn", () => {
    const agent = new ToldAgent();
    agent.told({ on: "vrrp-line", state: "FAULT" });
    assert.deepEqual(agent.told(due("BACKUP")), []);
    assert.equal(named(agent.told(ended)), "BACKUP");
  });

  it("MASTER only where no other node is: while two have the virtual IP, Keepalived says which of them it is", () => {
    const agent = holder();
    assert.deepEqual(agent.told(due("MASTER")), [{ do: "look-for-other-master", because: "repair" }]);
    assert.deepEqual(agent.told(looked("repair", true)), []);
    assert.deepEqual(agent.told(due("MASTER"), { at_s: 100.9 }), [], "asked a moment ago");
    assert.equal(named(agent.told(due("MASTER"), { at_s: 101 })), "look-for-other-master");
    assert.equal(named(agent.told(looked("repair", false))), "MASTER");
  });

  it("in maintenance nothing is carried out", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" }, { maintenance: true });
    assert.deepEqual(agent.told(due("BACKUP")), []);
    assert.deepEqual(agent.told(looked("repair", false)), []);
    assert.deepEqual(agent.told(looked("sole-master", true)), []);
    assert.deepEqual(agent.state.roleChange, {});
  });
});
