import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentNow } from "../../../../src/model/agent.ts";
import type { ConnectedReplica, Observation } from "../../../../src/model/observation.ts";
import { at, gone, master, refusing, replica } from "../situations.ts";
import { named, ToldAgent } from "./agents.ts";

const server12: ConnectedReplica = { host: "192.0.2.12", port: 6379, online: true, offset: 100, lag_s: 0 };
const inSync = master(at(100), { replicas: [server12] });

/** server11 holds the virtual IP, and server12 is preferred. */
const auto: Partial<AgentNow> = {
  holdsVip: true,
  failback: "auto",
  preferred: { name: "server12", host: server12.host },
};

function holder(seen: Observation | undefined = inSync, now: Partial<AgentNow> = {}): ToldAgent {
  const agent = new ToldAgent({ vrrp: "MASTER" }, { ...auto, ...now });
  agent.state.local.seen = seen;
  return agent;
}

/** What failback makes of a check that ends in this second. */
function checkAt(agent: ToldAgent, at_s: number, holder = true): string {
  const effects = agent.told({ on: "client-access-set", holder }, { at_s });
  return named(effects.filter((effect) => effect.do !== "tell-health"));
}

const begins = "log failback, read-preferred";
const givenUp = "log failback-given-up, end-drain";

/** The role goes back since second 105. */
function goingBack(): ToldAgent {
  const agent = holder();
  checkAt(agent, 100);
  assert.equal(checkAt(agent, 105), begins);
  return agent;
}

describe("failback to the preferred node", () => {
  it("in sync for 5 s: asks that node, blocks clients, drains this one; the virtual IP leaves", () => {
    const agent = holder();
    assert.equal(checkAt(agent, 100), "");
    assert.equal(checkAt(agent, 104.9), "");
    assert.equal(checkAt(agent, 105), begins);
    const line = agent.effects.at(-2);
    assert.ok(line?.do === "log" && line.level === "info");
    assert.match(line.message, /back to server12/);
    assert.equal(
      named(agent.told({ on: "preferred-read", seen: replica("server11", at(100)), ready: true })),
      "block-to-drain",
    );
    assert.equal(named(agent.told({ on: "blocked-to-drain" })), "start-drain");
    assert.equal(checkAt(agent, 107), "");
    assert.equal(checkAt(agent, 107.1, false), "end-drain", "this node may be asked again");
    assert.equal(agent.state.failback.drainingSince_s, undefined);
  });

  it("the virtual IP doesn't move in 5 s: given up for a minute, with a warning", () => {
    const agent = goingBack();
    assert.equal(checkAt(agent, 110), "");
    assert.equal(checkAt(agent, 110.1), givenUp);
    const line = agent.effects.at(-2);
    assert.ok(line?.do === "log" && line.level === "warn");
    assert.match(line.message, /did not move/);
    assert.deepEqual(line.fields, { again_s: 60 });

    // In sync all the time, and longer than 5 s.
    assert.equal(checkAt(agent, 111), "");
    assert.equal(checkAt(agent, 170), "");
    assert.equal(checkAt(agent, 170.1), begins);
  });

  it("after a minute it must have been in sync for 5 s anew", () => {
    const agent = goingBack();
    checkAt(agent, 111);
    assert.equal(checkAt(agent, 180), "");
    assert.equal(checkAt(agent, 184.9), "");
    assert.equal(checkAt(agent, 185), begins);
  });

  it("the virtual IP has left, however late: no longer withDrain, and not asked again for a minute", () => {
    const agent = goingBack();
    assert.equal(checkAt(agent, 106, false), "end-drain");
    checkAt(agent, 107);
    assert.equal(checkAt(agent, 165.9), "");
    assert.equal(checkAt(agent, 166), begins);
    assert.equal(checkAt(goingBack(), 110, false), "end-drain");
    assert.equal(checkAt(goingBack(), 110.1, false), givenUp, "it took longer than 5 s: the log says that, too");
  });

  it("one that was lost and is in sync again within that minute isn't asked before it is over", () => {
    const agent = goingBack();
    checkAt(agent, 111);
    agent.state.local.seen = master(at(100));
    checkAt(agent, 120);
    agent.state.local.seen = inSync;
    checkAt(agent, 130);
    assert.equal(checkAt(agent, 170.9), "");
    assert.equal(checkAt(agent, 171), begins);
  });

  it("a replica that comes and goes must be in sync for 5 s in one go", () => {
    const agent = holder();
    checkAt(agent, 100);
    agent.state.local.seen = master(at(100));
    checkAt(agent, 103);
    agent.state.local.seen = inSync;
    assert.equal(checkAt(agent, 105), "");
    assert.equal(checkAt(agent, 109.9), "");
    assert.equal(checkAt(agent, 110), begins);
  });

  it("isn't begun where it isn't wanted, or the preferred node is no replica in sync", () => {
    const never: [string, Observation | undefined, Partial<AgentNow>][] = [
      ["the cluster file leaves it to a person", inSync, { failback: "manual" }],
      ["this node is the preferred one", inSync, { preferred: { name: "server11", host: "192.0.2.12" } }],
      ["another node copies, not that one", inSync, { preferred: { name: "server13", host: "192.0.2.13" } }],
      ["ours is a replica", { ...inSync, role: "replica" }, {}],
      ["ours is silent", gone, {}],
      ["nothing is known of ours", undefined, {}],
      ["its first copy is under way", master(at(100), { replicas: [{ ...server12, online: false }] }), {}],
      ["it lags", master(at(100), { replicas: [{ ...server12, lag_s: 2 }] }), {}],
    ];
    for (const [why, seen, now] of never) {
      const agent = holder(seen, now);
      if (seen === undefined) agent.state.local.seen = undefined;
      checkAt(agent, 100);
      assert.equal(checkAt(agent, 200), "", why);
    }
    const elsewhere = holder();
    checkAt(elsewhere, 100, false);
    assert.equal(checkAt(elsewhere, 200, false), "", "the virtual IP is not here");
  });

  it("is begun where it acknowledged a second ago, and whatever other replicas do", () => {
    const others = [{ ...server12, host: "192.0.2.13", online: false }];
    const agent = holder(master(at(100), { replicas: [...others, { ...server12, lag_s: 1 }] }));
    checkAt(agent, 100);
    assert.equal(checkAt(agent, 105), begins);
  });

  it("the preferred node doesn't answer, or rejects us: given up for a minute, with its reason", () => {
    for (const seen of [gone, refusing("password")]) {
      const agent = goingBack();
      assert.equal(named(agent.told({ on: "preferred-read", seen, ready: true })), givenUp);
      const line = agent.effects.at(-2);
      assert.ok(line?.do === "log" && line.level === "error");
      assert.deepEqual(line.fields, { again_s: 60, error: seen.kind === "observed" ? "" : seen.detail });
      assert.equal(checkAt(agent, 106), "");
      assert.equal(checkAt(agent, 164.9), "");
      assert.equal(checkAt(agent, 165), begins);
    }
  });

  it("its Keepalived would not take the virtual IP: given up, with what to look for", () => {
    const agent = goingBack();
    const seen = replica("server11", at(100));
    assert.equal(named(agent.told({ on: "preferred-read", seen, ready: false })), givenUp);
    const line = agent.effects.at(-2);
    assert.ok(line?.do === "log" && line.level === "error");
    assert.match(String(line.fields?.error), /server12 would not take the virtual IP/);
  });

  it("it is behind by more than 1 MB, though its link is up: given up, with how much", () => {
    const read = (offset: number) => {
      const agent = goingBack();
      agent.state.local.seen = master(at(5_000_000), { replicas: [server12] });
      return {
        agent,
        effects: named(agent.told({ on: "preferred-read", seen: replica("server11", at(offset)), ready: true })),
      };
    };
    assert.equal(read(4_000_000).effects, "block-to-drain");
    assert.equal(read(5_000_001).effects, "block-to-drain", "it was read later");
    const { agent, effects } = read(3_999_999);
    assert.equal(effects, givenUp);
    const line = agent.effects.at(-2);
    assert.match(String(line?.do === "log" && line.fields?.error), /server12 lacks the last 1000001 bytes/);
  });

  it("each one that is given up doubles the time to the next, an hour at most; one that succeeds starts anew", () => {
    const agent = holder();
    let at_s = 100;
    for (const again_s of [60, 120, 240, 480, 960, 1920, 3600, 3600]) {
      agent.state.failback = { ...agent.state.failback, syncedSince_s: at_s - 5, notBefore_s: 0 };
      assert.equal(checkAt(agent, at_s), begins);
      agent.told({ on: "drain-failed", error: "" });
      const line = agent.effects.at(-2);
      assert.ok(line?.do === "log");
      assert.equal(line.fields?.again_s, again_s);
      assert.equal(agent.state.failback.notBefore_s, at_s + again_s);
      at_s += 10_000;
    }
    agent.state.failback = { ...agent.state.failback, drainingSince_s: at_s };
    checkAt(agent, at_s + 1, false);
    assert.equal(agent.state.failback.givenUp, 0);
    assert.equal(agent.state.failback.notBefore_s, at_s + 61);
  });

  it("this node can't be drained: given up for a minute, with the reason", () => {
    const agent = goingBack();
    assert.equal(named(agent.told({ on: "drain-failed", error: "no space left" })), givenUp);
    const line = agent.effects.at(-2);
    assert.ok(line?.do === "log");
    assert.deepEqual(line.fields, { again_s: 60, error: "no space left" });
    assert.equal(agent.state.failback.drainingSince_s, undefined);
  });

  it("an answer that comes after it was given up changes nothing", () => {
    const agent = goingBack();
    checkAt(agent, 111);
    assert.deepEqual(agent.told({ on: "preferred-read", seen: replica("server11", at(100)), ready: true }), []);
    assert.deepEqual(agent.told({ on: "preferred-read", seen: gone, ready: true }), []);
    assert.deepEqual(agent.told({ on: "blocked-to-drain" }), []);
  });
});
