import { atStart, react } from "../../../../src/decide/agent/react.ts";
import type { AgentEffect, AgentEvent, AgentNow, AgentState } from "../../../../src/model/agent.ts";

/** A moment on server11, whose peer answers and is preferred: nothing is wrong, and nobody is at work. */
export const moment = (more: Partial<AgentNow> = {}): AgentNow => ({
  at_s: 100,
  holdsVip: false,
  maintenance: false,
  draining: false,
  peers: { server12: "answers" },
  node: "server11",
  preferred: { name: "server11", host: "192.0.2.11" },
  failback: "manual",
  elasticFence: false,
  witnesses: false,
  ...more,
});

/** An agent as data: it is told events, and remembers what it would have done. */
export class ToldAgent {
  state: AgentState;
  now: AgentNow;
  effects: AgentEffect[] = [];

  constructor(state: Partial<AgentState> = {}, now: Partial<AgentNow> = {}) {
    this.state = { ...atStart(undefined), ...state };
    this.now = moment(now);
  }

  /** What this event makes it do. */
  told(event: AgentEvent, now: Partial<AgentNow> = {}): AgentEffect[] {
    this.now = { ...this.now, ...now };
    const { state, effects } = react(this.state, this.now, event);
    this.state = state;
    this.effects.push(...effects);
    return effects;
  }
}

/** Effects by name, as a sentence would list them. */
export const named = (effects: readonly AgentEffect[]): string =>
  effects
    .map((effect) => {
      switch (effect.do) {
        case "transition":
          return effect.transition;
        case "task":
          return `park replica of ${effect.task.parkReplicaOf} (${effect.task.lost})`;
        case "tell-health":
          return effect.fit ? "tell fit" : "tell unfit";
        case "log":
          return `log ${effect.event}`;
        case "set-fence":
          return effect.on ? "set fence" : "lift fence";
        case "check":
          return effect.after_ms === undefined ? "check" : `check in ${effect.after_ms} ms`;
        default:
          return effect.do;
      }
    })
    .join(", ");
