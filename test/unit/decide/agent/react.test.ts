import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { agentTables, atStart } from "../../../../src/decide/agent/react.ts";
import { roleChangeRuns } from "../../../../src/decide/agent/role-change.ts";
import type { AgentEffect } from "../../../../src/model/agent.ts";
import { named, ToldAgent } from "./agents.ts";
import { atEveryMoment } from "./random-events.ts";

const changesRole = (effect: AgentEffect): boolean => effect.do === "transition" || effect.do === "task";
const ended = { on: "role-change-ended", parked: false } as const;

describe("every agent, whatever happens around it", () => {
  it("carries out one role change at a time, and knows which", () =>
    atEveryMoment(({ agent, event, before, effects }) => {
      const begun = effects.filter(changesRole);
      if (roleChangeRuns(before) && event.on !== "role-change-ended") assert.deepEqual(begun, []);
      assert.ok(begun.length <= 1);
      const [effect] = begun;
      if (effect?.do === "transition") assert.equal(agent.state.roleChange.running, effect.transition);
      if (effect?.do === "task") assert.equal(agent.state.roleChange.running, effect.task);
      if (begun.length === 0 && event.on === "role-change-ended") assert.equal(roleChangeRuns(agent.state), false);
    }));

  it("comes to rest: what waits is carried out, and then nothing is left", () =>
    atEveryMoment(({ agent }) => {
      const resting = new ToldAgent(agent.state, agent.now);
      const { running, task, next } = agent.state.roleChange;
      assert.ok(running !== undefined || (task === undefined && next === undefined), "nothing waits for nothing");
      const rest =
        running === undefined ? [] : [...resting.told(ended), ...resting.told(ended), ...resting.told(ended)];
      assert.equal(rest.filter(changesRole).length, [task, next].filter((one) => one !== undefined).length);
      assert.deepEqual(resting.state.roleChange, {});
    }));

  it("never calls a node fit that is withDrain, or whose Redis is gone", () =>
    atEveryMoment(({ agent, effects }) => {
      const fit = effects.some((effect) => effect.do === "tell-health" && effect.fit === 1);
      if (fit) assert.ok(!agent.state.local.down && !agent.now.draining);
    }));

  it("parks no replica of a holder because a peer was lost", () =>
    atEveryMoment(({ agent, before, event }) => {
      const lost = event.on === "link-broke" || event.on === "link-gone";
      if (lost && agent.now.holdsVip) assert.deepEqual(agent.state.roleChange, before.roleChange);
    }));

  it("changes no role in maintenance: what Keepalived says, and what is seen, is only remembered", () =>
    atEveryMoment(
      ({ effects }) => {
        assert.equal(effects.some(changesRole), false);
        const others = new Set<AgentEffect["do"]>(["park-local", "step-down", "watch-keepalived"]);
        assert.deepEqual(
          effects.filter((effect) => others.has(effect.do)),
          [],
        );
      },
      { maintenance: true },
    ));

  it("takes nothing new up once maintenance begins", () =>
    atEveryMoment(({ agent, event, effects }) => {
      if (agent.now.maintenance && event.on !== "role-change-ended") assert.equal(effects.some(changesRole), false);
    }));

  it("steps down only with the virtual IP and a peer that answers, and once at a time", () =>
    atEveryMoment(({ agent, event, before, effects }) => {
      if (!effects.some((effect) => effect.do === "step-down")) return;
      assert.ok(agent.now.holdsVip && Object.values(agent.now.peers).includes("answers"));
      assert.ok(event.on === "keepalived-watched" || !before.stepDown.underWay);
      assert.ok(agent.state.stepDown.underWay);
    }));

  it("asks for the surroundings of its fence, and sets it, one after the other", () =>
    atEveryMoment(({ agent, before, effects }) => {
      const asks = effects.some((effect) => effect.do === "read-surroundings");
      if (asks) assert.ok(!before.fence.asking && agent.state.fence.asking);
      if (effects.some((effect) => effect.do === "set-fence")) assert.ok(agent.state.fence.asking);
    }));

  it("drains itself only to give the role back, and remembers that until it has ended it", () =>
    atEveryMoment(({ agent, before, effects }) => {
      const drains = effects.filter(({ do: what }) => what === "start-drain" || what === "block-to-drain");
      if (drains.length > 0) assert.notEqual(agent.state.failback.drainingSince_s, undefined);
      const over = before.failback.drainingSince_s !== undefined && agent.state.failback.drainingSince_s === undefined;
      if (over) assert.ok(effects.some((effect) => effect.do === "end-drain"));
    }));

  it("does nothing that it would not do again: the same state, moment and event give the same effects", () =>
    atEveryMoment(({ agent, before, event, effects }) => {
      assert.deepEqual(new ToldAgent(before, agent.now).told(event), effects);
    }));
});

describe("Keepalived's last word", () => {
  it("is what is carried out last, however many lines come and whenever the transitions end", () => {
    const steps = fc.array(fc.constantFrom("MASTER", "BACKUP", "FAULT", "STOP", "ended" as const));
    const property = fc.property(steps, (steps) => {
      const agent = new ToldAgent();
      for (const step of steps) {
        if (step !== "ended") agent.told({ on: "vrrp-line", state: step });
        else if (roleChangeRuns(agent.state)) agent.told(ended);
      }
      while (roleChangeRuns(agent.state)) agent.told(ended);
      const lines = steps.filter((step) => step !== "ended");
      const carriedOut = agent.effects.flatMap((effect) => (effect.do === "transition" ? [effect.transition] : []));
      assert.equal(carriedOut.at(-1), lines.at(-1));
      assert.equal(agent.state.vrrp, lines.at(-1));
    });
    fc.assert(property);
  });
});

describe("the tables of the agent", () => {
  it("have a row for whatever happens: the last one of each fits everything", () => {
    for (const [on, tables] of Object.entries(agentTables))
      for (const table of tables) assert.equal(table.at(-1)?.fits({} as never), true, on);
  });

  it("are read one after the other: a later one knows what an earlier one made of the event", () => {
    // MASTER is made up for, so nobody is asked beside it whether another node is master.
    const agent = new ToldAgent({ vrrp: "BACKUP" }, { holdsVip: true });
    assert.equal(named(agent.told({ on: "second", keepalivedRuns: true })), "MASTER, check");
  });

  it("a second in maintenance is passed over: nothing is checked, made up for, or said", () => {
    const agent = new ToldAgent({ vrrp: "MASTER" }, { maintenance: true });
    assert.deepEqual(agent.told({ on: "second", keepalivedRuns: false }), []);
    assert.equal(agent.state.vrrp, "MASTER");
  });
});

describe("an agent that has just started", () => {
  it("knows what the last hook was told, and nothing else", () => {
    for (const vrrp of ["MASTER", "BACKUP", "FAULT", "STOP", undefined] as const) {
      const { state } = new ToldAgent(atStart(vrrp));
      assert.equal(state.vrrp, vrrp);
      assert.equal(roleChangeRuns(state), false);
      assert.deepEqual([state.health.told, state.local.seen, state.fence.on], [undefined, undefined, undefined]);
    }
  });

  it("repairs at once: it has repaired nothing yet, at whatever second since boot it starts", () => {
    const agent = new ToldAgent({}, { at_s: 0 });
    assert.equal(named(agent.told({ on: "repair-due", transition: "BACKUP" })), "BACKUP");
  });
});
