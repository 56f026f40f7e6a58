import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentState } from "../../../../src/model/agent.ts";
import type { Observation } from "../../../../src/model/observation.ts";
import { at, gone, master, refusing, replica } from "../situations.ts";
import { named, ToldAgent } from "./agents.ts";

const read = (seen: Observation) => ({ on: "local-read", seen }) as const;
const loading = { loading: { eta_s: 3 } };
const restarted = master(at(0, "new"), { runId: "second", keys: 7 });

/** Our Redis was process "first" and went away; its link is back. */
function returning(more: Partial<AgentState> = {}): ToldAgent {
  const agent = new ToldAgent({ vrrp: "BACKUP", ...more });
  agent.told(read(replica("server12", at(100), { runId: "first" })));
  agent.told({ on: "link-gone", node: "server11", why: "refused", detail: "ECONNREFUSED" });
  assert.equal(agent.state.local.down, true);
  return agent;
}

describe("the local Redis answers again", () => {
  it("as the process that it was: its health is checked, and it is no longer held for dead", () => {
    const agent = returning();
    assert.equal(named(agent.told(read(master(at(100), { runId: "first" })))), "check");
    assert.equal(agent.state.local.down, false);
  });

  it("for the first time since the agent started: a master may be the one that serves, so it is left alone", () => {
    const agent = new ToldAgent();
    assert.equal(named(agent.told(read(master(at(100), { runId: "first" })))), "check");
    assert.equal(agent.state.local.runId, "first");
  });

  it("restarted as a replica, which copies nothing before histories are compared: checked, and remembered", () => {
    const agent = returning();
    assert.equal(named(agent.told(read(replica("127.0.0.1", at(100), { runId: "second" })))), "check");
    assert.equal(agent.state.local.runId, "second");
    assert.equal(agent.state.local.down, false);
  });

  it("restarted as a master, perhaps with nothing: it is parked before it takes a write, and only then checked", () => {
    const agent = returning();
    const [park, ...more] = agent.told(read(restarted));
    assert.deepEqual(park, { do: "park-local", runId: "second", keys: 7 });
    assert.deepEqual(more, []);
    assert.equal(agent.state.local.down, true, "unfit until it is parked");

    const [check, warning] = agent.told({ on: "local-parked", runId: "second", keys: 7 });
    assert.equal(check?.do, "check");
    assert.ok(warning?.do === "log" && warning.event === "restarted-parked" && warning.level === "warn");
    assert.match(warning.message, /parked until histories are compared/);
    assert.deepEqual(warning.fields, { keys: 7 });
    assert.equal(agent.state.local.down, false);
    assert.equal(named(agent.told(read({ ...restarted, role: "master" }))), "check", "the process is known by now");
  });

  it("in maintenance a restart is the operator's: nothing is parked, then or later", () => {
    const agent = returning();
    assert.equal(named(agent.told(read(restarted), { maintenance: true })), "check");
    assert.equal(agent.state.local.runId, "second");
    assert.equal(named(agent.told(read(restarted), { maintenance: false })), "check");
  });

  it("it rejects us: it lives, so its health is checked; which process it is nobody knows yet", () => {
    for (const why of ["password", "permission", "full", "busy"] as const) {
      const agent = returning();
      assert.equal(named(agent.told(read(refusing(why)))), "check");
      assert.equal(agent.state.local.runId, "first");
      assert.equal(agent.state.local.down, false);
    }
  });

  it("it is gone once more: a line in the log, and it stays unfit until its link comes back", () => {
    const agent = returning();
    const [line, ...more] = agent.told(read(gone));
    assert.ok(line?.do === "log" && line.event === "redis-gone" && line.level === "warn");
    assert.match(line.message, /answered, and then no longer/);
    assert.deepEqual(line.fields, { detail: "192.0.2.12:6379: ECONNREFUSED" });
    assert.deepEqual(more, []);
    assert.equal(agent.state.local.down, true);
    assert.equal(agent.state.local.runId, "first");
  });
});

describe("what is known of the local Redis besides its process", () => {
  it("stays as it is when it answers again, and when it is parked", () => {
    const seen = replica("server12", at(100));
    const known = { seen, runId: "first", down: true, parked_s: 99, busy: true };
    const local = { ...known, runId: "second", down: false };
    const back = new ToldAgent({ local: known });
    back.told(read(replica("server12", at(100), { runId: "second" })));
    assert.deepEqual(back.state.local, local);
    const parked = new ToldAgent({ local: known });
    parked.told({ on: "local-parked", runId: "second", keys: 7 });
    assert.deepEqual(parked.state.local, local);
  });
});

describe("the local Redis was restarted as a master, and loads", () => {
  const again = { do: "read-local", after_ms: 5 };
  const loads = master(at(0, "new"), { runId: "second", ...loading });

  it("it can't be parked yet: it is checked once, read every 5 ms, and parked when it has loaded", () => {
    const agent = returning();
    assert.deepEqual(agent.told(read(loads)), [{ do: "check" }, again]);
    assert.equal(agent.state.local.down, false, "its verdict says that it loads");
    assert.deepEqual(agent.told(read(loads)), [again]);
    assert.equal(named(agent.told(read(restarted))), "park-local");
  });

  it("a transition is carried out, which waits for it and compares histories: it is left to that", () => {
    const agent = returning();
    agent.told({ on: "vrrp-line", state: "BACKUP" });
    assert.equal(named(agent.told(read(loads))), "check");
    assert.equal(agent.state.local.runId, "second");
    assert.equal(agent.state.local.down, false);
  });

  it("one that has loaded is parked at once, also while a transition is carried out: it takes writes", () => {
    const agent = returning();
    agent.told({ on: "vrrp-line", state: "BACKUP" });
    assert.equal(named(agent.told(read(restarted))), "park-local");
  });

  it("the process as before, or a replica that loads, is only checked", () => {
    assert.equal(named(returning().told(read(master(at(0), { runId: "first", ...loading })))), "check");
    const replicaLoads = replica("127.0.0.1", at(0), { runId: "second", ...loading });
    assert.equal(named(returning().told(read(replicaLoads))), "check");
  });
});
