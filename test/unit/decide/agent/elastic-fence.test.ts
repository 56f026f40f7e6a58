import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentNow } from "../../../../src/model/agent.ts";
import type { Observed } from "../../../../src/model/observation.ts";
import { at, gone, master, replica } from "../situations.ts";
import { named, ToldAgent } from "./agents.ts";

const server12 = { host: "192.0.2.12", port: 6379, online: true, offset: 100, lag_s: 0 };
const withReplica = (more: Partial<Observed> = {}) => master(at(100), { replicas: [server12], ...more });
const alone = (more: Partial<Observed> = {}) => master(at(100), more);

function holder(seen: Observed = withReplica(), now: Partial<AgentNow> = {}): ToldAgent {
  const agent = new ToldAgent({ vrrp: "MASTER" }, { holdsVip: true, elasticFence: true, ...now });
  agent.state.local.seen = seen;
  return agent;
}

/** What a check makes of the fence: what has to be read for it. */
const asked = (agent: ToldAgent, now: Partial<AgentNow> = {}) =>
  agent
    .told({ on: "client-access-set", holder: agent.now.holdsVip }, now)
    .filter((effect) => effect.do !== "tell-health");

const read = (agent: ToldAgent, found: { otherMaster?: boolean; witnessed?: boolean } = {}) =>
  named(agent.told({ on: "surroundings-read", otherMaster: false, witnessed: false, ...found }));

const set = (agent: ToldAgent, fence: boolean, done = true) => agent.told({ on: "fence-set", fence, done });

/** A holder whose fence was set by this agent. */
function fenced(): ToldAgent {
  const agent = holder();
  asked(agent);
  assert.equal(read(agent), "set fence");
  assert.deepEqual(set(agent, true), []);
  return agent;
}

describe("the elastic fence", () => {
  it("a replica is connected: with the next check the fence is set, and then left alone", () => {
    const agent = fenced();
    asked(agent);
    assert.equal(read(agent), "");
    assert.deepEqual(agent.state.fence, { on: true, runId: "r", asking: false });
  });

  it("the replica is lost and nobody else can be master: lifted, so that clients can go on", () => {
    const agent = fenced();
    agent.state.local.seen = alone();
    asked(agent, { peers: { server12: "refused" } });
    assert.equal(read(agent), "lift fence");
    set(agent, false);
    asked(agent);
    assert.equal(read(agent), "");
  });

  it("the replica is lost, and its host is silent: as it is, until a witness answers", () => {
    const agent = fenced();
    agent.state.local.seen = alone();
    asked(agent, { peers: { server12: "silent" } });
    assert.equal(read(agent), "");
    asked(agent);
    assert.equal(read(agent, { witnessed: true }), "lift fence");
  });

  it("another node is master, too, or the virtual IP has left: as it is", () => {
    const agent = fenced();
    agent.state.local.seen = alone();
    asked(agent);
    assert.equal(read(agent, { otherMaster: true }), "");
    asked(agent, { holdsVip: false });
    assert.equal(read(agent), "");
  });

  it("one that became a replica has it lifted: it must take writes when it is promoted", () => {
    const agent = fenced();
    agent.state.local.seen = replica("server12", at(100));
    asked(agent, { holdsVip: false });
    assert.equal(read(agent), "lift fence");
  });

  it("a peer is asked for its role unless the fence is known to be off", () => {
    const agent = holder(alone());
    assert.deepEqual(asked(agent), [{ do: "read-surroundings", masters: true, witnesses: false }], "not known yet");
    assert.equal(read(agent), "lift fence", "an agent before this one may have set it");
    set(agent, false);
    assert.deepEqual(asked(agent), [{ do: "read-surroundings", masters: false, witnesses: false }]);
    assert.deepEqual(asked(fenced()), [{ do: "read-surroundings", masters: true, witnesses: false }]);
  });

  it("witnesses are asked where they are named and a peer is silent", () => {
    const witnesses = (now: Partial<AgentNow>) => {
      const [effect] = asked(holder(alone()), now);
      return effect?.do === "read-surroundings" && effect.witnesses;
    };
    assert.equal(witnesses({ witnesses: true, peers: { server12: "answers", server13: "silent" } }), true);
    assert.equal(witnesses({ witnesses: true, peers: { server12: "refused" } }), false);
    assert.equal(witnesses({ witnesses: false, peers: { server12: "silent" } }), false);
  });

  it("it can't be set: tried again with the next check", () => {
    const agent = holder();
    asked(agent);
    read(agent);
    set(agent, true, false);
    assert.deepEqual(agent.state.fence, { on: undefined, runId: "r", asking: false });
    assert.equal(named(asked(agent)), "read-surroundings");
    assert.equal(read(agent), "set fence");
  });

  it("checks that end while its surroundings are read, or while it is set, ask nothing", () => {
    const agent = holder();
    asked(agent);
    assert.deepEqual(asked(agent), []);
    read(agent);
    assert.deepEqual(asked(agent), []);
    set(agent, true);
    assert.equal(named(asked(agent)), "read-surroundings");
  });

  it("Redis is another process: its fence is gone, so it is set again", () => {
    const agent = fenced();
    agent.state.local.seen = withReplica({ runId: "another" });
    assert.deepEqual(asked(agent), [{ do: "read-surroundings", masters: true, witnesses: false }]);
    assert.equal(read(agent), "set fence");
    set(agent, true);
    assert.deepEqual(agent.state.fence, { on: true, runId: "another", asking: false });
  });

  it("Redis is gone, by the time of the check or of the answer: nothing to set", () => {
    const agent = holder();
    agent.state.local.seen = gone;
    assert.deepEqual(asked(agent), []);
    agent.state.local.seen = withReplica();
    asked(agent);
    agent.state.local.seen = gone;
    assert.equal(read(agent), "");
    agent.state.local.seen = withReplica();
    assert.equal(named(asked(agent)), "read-surroundings", "asked again once it is back");
  });

  it("the cluster file doesn't want it: nothing, or lifted where it is set", () => {
    const never = holder(withReplica(), { elasticFence: false });
    assert.deepEqual(asked(never), []);
    const agent = fenced();
    assert.equal(named(asked(agent, { elasticFence: false })), "read-surroundings");
    assert.equal(read(agent), "lift fence");
    set(agent, false);
    assert.deepEqual(asked(agent), []);
  });
});

describe("the agent ends", () => {
  const stopping = { on: "stopping" } as const;

  it("its fence is lifted, and its drain ended: nobody else would", () => {
    const agent = fenced();
    assert.equal(named(agent.told(stopping)), "lift fence");
    agent.state.failback = { syncedSince_s: 90, drainingSince_s: 99, notBefore_s: 0, givenUp: 0 };
    assert.equal(named(agent.told(stopping)), "end-drain, lift fence");
  });

  it("a drain that an operator asked for, and a fence that is off, stay", () => {
    assert.deepEqual(holder().told(stopping, { draining: true }), []);
    const lifted = fenced();
    set(lifted, false);
    assert.deepEqual(lifted.told(stopping), []);
  });
});
