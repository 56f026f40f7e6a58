import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentNow } from "../../../../src/model/agent.ts";
import { named, ToldAgent } from "./agents.ts";

const line = (state: string) => ({ on: "vrrp-line", state }) as const;
const second = { on: "second", keepalivedRuns: true } as const;
const secondWithoutKeepalived = { on: "second", keepalivedRuns: false } as const;

describe("Keepalived writes a line into the FIFO", () => {
  it("the transition that it names is carried out, and remembered as its last word", () => {
    for (const transition of ["MASTER", "BACKUP", "FAULT", "STOP"] as const) {
      const agent = new ToldAgent();
      assert.equal(
        named(agent.told(line(transition)))
          .split(", ")
          .at(-1),
        transition,
      );
      assert.equal(agent.state.vrrp, transition);
    }
  });

  it("another node's adverts were heard: no peer counts as gone any more, before anything is decided", () => {
    for (const [state, transition] of [
      ["BACKUP", "BACKUP"],
      ["MASTER_RX_LOWER_PRI", "MASTER"],
    ] as const)
      assert.equal(named(new ToldAgent().told(line(state))), `forget-silence, ${transition}`);
    for (const state of ["MASTER", "FAULT", "STOP"] as const)
      assert.equal(named(new ToldAgent().told(line(state))), state, "it says nothing of other nodes");
  });

  it("after a split a node that stays MASTER hears of it by MASTER_RX_LOWER_PRI alone", () => {
    const agent = new ToldAgent();
    assert.equal(named(agent.told(line("MASTER_RX_LOWER_PRI"))), "forget-silence, MASTER");
    assert.equal(agent.state.vrrp, "MASTER");
  });

  it("a state that changes no role is passed over", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" });
    for (const state of ["DELETED", "GOTO_MASTER", "master", ""]) assert.deepEqual(agent.told(line(state)), []);
    assert.equal(agent.state.vrrp, "BACKUP");
  });

  it("in maintenance its word is only remembered", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" }, { maintenance: true });
    assert.deepEqual(agent.told(line("MASTER")), []);
    assert.equal(agent.state.vrrp, "MASTER");
    assert.deepEqual(agent.state.roleChange, {});
  });
});

describe("Keepalived puts this node into FAULT", () => {
  const told = (fit: 0 | 1 | undefined, now: Partial<AgentNow> = {}, state = "FAULT") => {
    const agent = new ToldAgent({ vrrp: "MASTER" }, now);
    agent.state.health = { ...agent.state.health, told: fit };
    return agent.told(line(state));
  };

  it("though it was told that this node is fit: the log says where to look", () => {
    const effects = told(1);
    assert.equal(named(effects), "FAULT, log fault-though-fit");
    const [, warning] = effects;
    assert.ok(warning?.do === "log" && warning.level === "warn");
    assert.match(String(warning.fields?.remedy), /interface.*check/);
  });

  it("because it was told so, it is drained, or in maintenance: that is no news", () => {
    assert.equal(named(told(0)), "FAULT");
    assert.equal(named(told(undefined)), "FAULT");
    assert.equal(named(told(1, { draining: true })), "FAULT");
    assert.equal(named(told(1, { maintenance: true })), "");
  });

  it("any other state of a fit node is no news, either", () => {
    for (const state of ["MASTER", "BACKUP", "STOP", "DELETED"]) assert.ok(!named(told(1, {}, state)).includes("log"));
  });
});

describe("every second: is the virtual IP where Keepalived said?", () => {
  it("it is: nothing but the check of each second", () => {
    const holder = new ToldAgent({ vrrp: "MASTER" }, { holdsVip: true });
    assert.equal(named(holder.told(second)), "check");
    for (const vrrp of ["BACKUP", "FAULT", "STOP", undefined] as const)
      assert.equal(named(new ToldAgent({ vrrp }).told(second)), "check");
  });

  it("the line that took it away was lost: BACKUP, once, whether Keepalived runs or not", () => {
    for (const event of [second, secondWithoutKeepalived]) {
      const agent = new ToldAgent({ vrrp: "MASTER" });
      assert.equal(named(agent.told(event)), "BACKUP, check");
      assert.equal(agent.state.vrrp, "BACKUP");
      agent.told({ on: "role-change-ended", parked: false });
      assert.equal(named(agent.told(event)), "check");
    }
  });

  it("the line that gave it was lost: MASTER, once", () => {
    for (const vrrp of ["BACKUP", "FAULT", "STOP", undefined] as const) {
      const agent = new ToldAgent({ vrrp }, { holdsVip: true });
      assert.equal(named(agent.told(second)), "MASTER, check");
      assert.equal(agent.state.vrrp, "MASTER");
      agent.told({ on: "role-change-ended", parked: false });
      assert.equal(named(agent.told(second)), "check");
    }
  });

  it("one that a dead Keepalived left behind makes nobody a master", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" }, { holdsVip: true });
    assert.equal(named(agent.told(secondWithoutKeepalived)), "check");
    assert.equal(agent.state.vrrp, "BACKUP");
  });

  it("while a role change is carried out it isn't asked: the address may be on its way", () => {
    const agent = new ToldAgent();
    agent.told(line("MASTER"));
    assert.equal(named(agent.told(second)), "check");
    assert.equal(agent.state.vrrp, "MASTER");
  });
});

describe("every second: does Keepalived run?", () => {
  it("it has not for 3 s: an error in the log that says what to do, once", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" }, { at_s: 100 });
    assert.equal(named(agent.told(secondWithoutKeepalived)), "check");
    assert.equal(named(agent.told(secondWithoutKeepalived, { at_s: 102.9 })), "check");
    assert.equal(named(agent.told(secondWithoutKeepalived, { at_s: 103 })), "check, tell-keepalived-dead");
    assert.equal(named(agent.told(secondWithoutKeepalived, { at_s: 110 })), "check");
  });

  it("it was restarted within 3 s: nothing is said, and the time counts anew", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" }, { at_s: 100 });
    agent.told(secondWithoutKeepalived);
    assert.equal(named(agent.told(second, { at_s: 102 })), "check");
    assert.equal(named(agent.told(secondWithoutKeepalived, { at_s: 104 })), "check");
    assert.equal(named(agent.told(secondWithoutKeepalived, { at_s: 107 })), "check, tell-keepalived-dead");
  });

  it("it runs again: said once, and its next end is an error again", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" }, { at_s: 100 });
    agent.told(secondWithoutKeepalived);
    agent.told(secondWithoutKeepalived, { at_s: 103 });
    const [, back] = agent.told(second, { at_s: 104 });
    assert.ok(back?.do === "log" && back.event === "keepalived-runs" && back.level === "info");
    assert.equal(named(agent.told(second, { at_s: 105 })), "check");
    agent.told(secondWithoutKeepalived, { at_s: 106 });
    assert.equal(named(agent.told(secondWithoutKeepalived, { at_s: 109 })), "check, tell-keepalived-dead");
  });
});
