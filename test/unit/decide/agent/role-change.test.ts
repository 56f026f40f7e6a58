import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { latestTransition, roleChangeRuns, supersededBy } from "../../../../src/decide/agent/role-change.ts";
import { named, ToldAgent } from "./agents.ts";

const line = (state: string) => ({ on: "vrrp-line", state }) as const;
const lost = (node: string) => ({ on: "link-broke", node }) as const;
const ended = { on: "role-change-ended", parked: false } as const;

describe("the one queue of role changes", () => {
  it("at rest nothing is carried out, aimed at or superseded", () => {
    const { state } = new ToldAgent({ vrrp: "MASTER" });
    assert.deepEqual(
      [roleChangeRuns(state), latestTransition(state), supersededBy(state)],
      [false, undefined, undefined],
    );
  });

  it("a transition that comes while another one is carried out waits, and supersedes it", () => {
    const agent = new ToldAgent();
    assert.equal(named(agent.told(line("MASTER"))), "MASTER");
    assert.deepEqual([roleChangeRuns(agent.state), latestTransition(agent.state)], [true, "MASTER"]);
    assert.equal(supersededBy(agent.state), undefined);

    assert.equal(named(agent.told(line("BACKUP"))), "forget-silence", "nothing is carried out yet");
    assert.equal(supersededBy(agent.state), "BACKUP", "MASTER stops at its next step");
    assert.equal(latestTransition(agent.state), "BACKUP");

    assert.equal(named(agent.told(ended)), "BACKUP");
    assert.equal(supersededBy(agent.state), undefined);
    assert.equal(named(agent.told(ended)), "check");
    assert.equal(roleChangeRuns(agent.state), false);
  });

  it("when nothing waits any more this node is checked: one that has given way must lose the virtual IP soon", () => {
    const agent = new ToldAgent();
    agent.told(line("MASTER"));
    agent.told(line("BACKUP"));
    assert.equal(named(agent.told(ended)), "BACKUP", "not in between");
    assert.equal(named(agent.told(ended)), "check");
  });

  it("the same one doesn't stop it: it is carried out once more after it, for the situation may have changed", () => {
    const agent = new ToldAgent();
    agent.told(line("MASTER"));
    assert.deepEqual(agent.told(line("MASTER")), []);
    assert.equal(supersededBy(agent.state), undefined);
    assert.equal(named(agent.told(ended)), "MASTER");
    assert.equal(named(agent.told(ended)), "check");
  });

  it("of two that wait only the newer one counts", () => {
    const agent = new ToldAgent();
    agent.told(line("MASTER"));
    agent.told(line("FAULT"));
    agent.told(line("BACKUP"));
    assert.equal(named(agent.told(ended)), "BACKUP");
    assert.equal(named(agent.told(ended)), "check");
  });

  it("a replica to be parked comes before a transition that waits, which decides with what that left", () => {
    const agent = new ToldAgent();
    agent.told(line("FAULT"));
    assert.deepEqual(agent.told(lost("server12")), []);
    agent.told(line("BACKUP"));
    assert.equal(supersededBy(agent.state), "BACKUP");
    assert.equal(named(agent.told(ended)), "park replica of server12 (connection)");
    assert.equal(named(agent.told(ended)), "BACKUP");
    assert.equal(named(agent.told(ended)), "check");
  });

  it("while a replica is parked no transition is aimed at, and one that comes waits", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" });
    agent.told(lost("server12"));
    assert.deepEqual([roleChangeRuns(agent.state), latestTransition(agent.state)], [true, undefined]);
    assert.deepEqual(agent.told(line("MASTER")), []);
    assert.equal(latestTransition(agent.state), "MASTER");
    assert.equal(named(agent.told(ended)), "MASTER");
  });

  it("of two losses that wait the later one counts: that the server is gone says more than a broken connection", () => {
    const agent = new ToldAgent();
    agent.told(line("FAULT"));
    agent.told(lost("server12"));
    agent.told({ on: "link-gone", node: "server12", why: "refused", detail: "" });
    assert.equal(named(agent.told(ended)), "park replica of server12 (server)");
    assert.equal(named(agent.told(ended)), "");
  });

  it("when our replica was parked is remembered; that it was left alone is not", () => {
    const agent = new ToldAgent({ vrrp: "BACKUP" });
    agent.state.local.busy = true;
    agent.told(lost("server12"));
    agent.told(line("MASTER"));
    assert.equal(named(agent.told({ ...ended, parked: true }, { at_s: 105 })), "MASTER");
    assert.equal(agent.state.local.parked_s, 105);
    assert.equal(agent.state.local.busy, true, "all else is as it was");
    agent.told(ended, { at_s: 110 });
    assert.equal(agent.state.local.parked_s, 105);
  });

  it("in maintenance nothing joins the queue", () => {
    const agent = new ToldAgent({}, { maintenance: true });
    agent.told(line("BACKUP"));
    agent.told(lost("server12"));
    assert.deepEqual(agent.state.roleChange, {});
  });
});
