import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HookFacts, hookDecision } from "../../../src/decide/hook.ts";

/** Keepalived has just called notify-backup, and nothing stands in its way. */
const called: HookFacts = {
  transition: "BACKUP",
  repair: false,
  dryRun: false,
  allowDataLoss: false,
  holdsVip: false,
  maintenance: false,
  agentAlive: false,
  sameWaits: false,
  lockHeld: false,
};
const decision = (more: Partial<HookFacts> = {}) => hookDecision({ ...called, ...more });

describe("a hook", () => {
  it("carries its transition out, and doesn't wait for ever for another hook that holds the lock", () => {
    assert.equal(decision(), "carry-out");
    assert.equal(decision({ lockHeld: true }), "carry-out");
    assert.equal(decision({ transition: "MASTER" }), "carry-out", "the address may come a moment later");
  });

  it("changes nothing in maintenance, whoever is at work", () => {
    assert.equal(decision({ maintenance: true }), "maintenance");
    assert.equal(decision({ maintenance: true, agentAlive: true }), "maintenance");
    assert.equal(decision({ maintenance: true, allowDataLoss: true }), "maintenance");
  });

  it("leaves the work to an agent that lives, but not what a person said of lost data", () => {
    assert.equal(decision({ agentAlive: true }), "left-to-agent");
    assert.equal(decision({ agentAlive: true, allowDataLoss: true }), "carry-out");
  });

  it("that only prints its plan prints it in any case", () => {
    assert.equal(decision({ dryRun: true, maintenance: true, agentAlive: true }), "carry-out");
  });
});

describe("a hook of a transition for which another one waits already", () => {
  it("leaves it to that one, which decides later; what a person said of lost data is said to this hook alone", () => {
    assert.equal(decision({ sameWaits: true }), "superseded");
    assert.equal(decision({ sameWaits: true, allowDataLoss: true }), "carry-out");
    assert.equal(decision({ sameWaits: true, maintenance: true }), "maintenance");
    assert.equal(decision({ sameWaits: true, agentAlive: true }), "left-to-agent");
  });
});

describe("a repair, started by the health check", () => {
  it("is carried out where the virtual IP is still as the check saw it", () => {
    assert.equal(decision({ repair: true }), "carry-out");
    assert.equal(decision({ repair: true, transition: "MASTER", holdsVip: true }), "carry-out");
  });

  it("is nothing once the virtual IP has come, or left", () => {
    assert.equal(decision({ repair: true, holdsVip: true }), "superseded");
    assert.equal(decision({ repair: true, transition: "MASTER" }), "superseded");
    assert.equal(decision({ repair: true, transition: "FAULT", holdsVip: true }), "superseded");
  });

  it("gives way to a hook that is at work, and to an agent", () => {
    assert.equal(decision({ repair: true, lockHeld: true }), "superseded");
    assert.equal(decision({ repair: true, agentAlive: true }), "left-to-agent");
  });
});
