import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentNow, AgentState } from "../../../../src/model/agent.ts";
import { named, ToldAgent } from "./agents.ts";
import { atEveryMoment } from "./random-events.ts";

const second = { on: "second", keepalivedRuns: true } as const;
const withoutKeepalived = { on: "second", keepalivedRuns: false } as const;

/** An agent whose Keepalived knows that this node is fit. */
const fitAgent = (state: Partial<AgentState> = {}, now: Partial<AgentNow> = {}): ToldAgent => {
  const agent = new ToldAgent({ vrrp: "BACKUP", ...state }, now);
  agent.state.health = { ...agent.state.health, told: 1 };
  return agent;
};

const announcements = (agent: ToldAgent) =>
  agent.effects.flatMap((effect) => (effect.do === "announce-ready" ? [effect.on] : []));

describe("whether this node would take the virtual IP", () => {
  it("is announced once, while Keepalived runs, knows that this node is fit, and the virtual IP is elsewhere", () => {
    const agent = fitAgent();
    assert.equal(named(agent.told(second)), "check, announce-ready");
    assert.equal(named(agent.told(second)), "check", "it is announced already");
    assert.deepEqual(announcements(agent), [true]);
  });

  it("is not announced while one of these is missing, and ended, once, when one ends", () => {
    const rows: [string, (agent: ToldAgent) => void][] = [
      ["Keepalived does not run", (agent) => agent.told(withoutKeepalived)],
      ["the virtual IP is here", (agent) => agent.told(second, { holdsVip: true })],
      [
        "unfit",
        (agent) => {
          agent.state.health = { ...agent.state.health, told: 0 };
          agent.told(second);
        },
      ],
      [
        "Keepalived was told nothing yet",
        (agent) => {
          agent.state.health = { ...agent.state.health, told: undefined };
          agent.told(second);
        },
      ],
    ];
    for (const [name, end] of rows) {
      const never = fitAgent();
      end(never);
      assert.deepEqual(announcements(never), [], name);
      const agent = fitAgent();
      agent.told(second);
      end(agent);
      end(agent);
      assert.deepEqual(announcements(agent), [true, false], name);
    }
  });

  it("is announced again in the next second if Redis ended the announcement", () => {
    const agent = fitAgent();
    agent.told(second);
    assert.deepEqual(agent.told({ on: "announcement-ended" }), []);
    assert.equal(named(agent.told(second)), "check, announce-ready");
    assert.deepEqual(announcements(agent), [true, true]);
  });

  it("stays as it was while maintenance is on", () => {
    const agent = fitAgent();
    agent.told(second);
    assert.deepEqual(agent.told(withoutKeepalived, { maintenance: true }), []);
    assert.equal(agent.state.readyAnnounced, true);
  });

  it("at every moment: what was announced last is what is remembered, and nothing is announced twice in a row", () => {
    let last: boolean | undefined;
    let of: ToldAgent | undefined;
    atEveryMoment(({ agent, event, effects }) => {
      if (agent !== of) [of, last] = [agent, undefined];
      if (event.on === "announcement-ended") last = false;
      for (const effect of effects) {
        if (effect.do !== "announce-ready") continue;
        assert.notEqual(effect.on, last ?? false);
        last = effect.on;
        if (effect.on) assert.ok(event.on === "second" && event.keepalivedRuns && !agent.now.holdsVip);
      }
      assert.equal(agent.state.readyAnnounced, last ?? false);
    });
  });
});
