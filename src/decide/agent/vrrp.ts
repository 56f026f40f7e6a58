import type { AgentEvent, AgentFacts, AgentRow, AgentState } from "../../model/agent.ts";
import type { Transition } from "../../model/transition.ts";
import { requestTransition, roleChangeRuns } from "./role-change.ts";

const transitionOf: Readonly<Record<string, Transition>> = {
  MASTER: "MASTER",
  // The node stays master after a split. Keepalived reports that in no other way.
  MASTER_RX_LOWER_PRI: "MASTER",
  BACKUP: "BACKUP",
  FAULT: "FAULT",
  STOP: "STOP",
};

/** Another node may have been heard: BACKUP also comes at a start and after FAULT. */
const heardAnother = new Set(["BACKUP", "MASTER_RX_LOWER_PRI"]);

/** Remembers Keepalived's new state of this node, and carries it out. */
function rememberAndRequest(facts: AgentFacts, transition: Transition) {
  const { state, effects } = requestTransition(facts, transition);
  return { state: { ...state, vrrp: transition }, effects: effects ?? [] };
}

/** Keepalived wrote a line into the FIFO. */
export const vrrpLine: readonly AgentRow<Extract<AgentEvent, { on: "vrrp-line" }>>[] = [
  {
    when: "the state in the line changes no role: nothing",
    fits: ({ event }) => transitionOf[event.state] === undefined,
    reaction: () => ({}),
  },
  {
    when: "maintenance is on: remember the state",
    fits: ({ now }) => now.maintenance,
    reaction: ({ event }) => ({ state: { vrrp: transitionOf[event.state] } }),
  },
  {
    when: "remember the state and carry the transition out",
    fits: () => true,
    reaction: (facts) => {
      const { state, effects } = rememberAndRequest(facts, transitionOf[facts.event.state] as Transition);
      return {
        state,
        effects: [...(heardAnother.has(facts.event.state) ? [{ do: "forget-silence" } as const] : []), ...effects],
      };
    },
  },
];

/** Keepalived wrote FAULT: is it because of this agent? */
export const faultThoughFit: readonly AgentRow<Extract<AgentEvent, { on: "vrrp-line" }>>[] = [
  {
    when: "it wrote FAULT, though this agent told it that this node is fit: log it",
    fits: ({ state, now, event }) =>
      event.state === "FAULT" && state.health.told === 1 && !now.draining && !now.maintenance,
    reaction: () => ({
      effects: [
        {
          do: "log",
          level: "warn",
          event: "fault-though-fit",
          message: "Keepalived put this node into FAULT, though it is fit",
          fields: {
            remedy:
              "its own log says why: an interface that is down, or a check that did not end in time; or `doctor state-folder`: a folder that was made anew",
          },
        },
      ],
    }),
  },
  { when: "otherwise: nothing", fits: () => true, reaction: () => ({}) },
];

type Second = Extract<AgentEvent, { on: "second" }>;

/**
 * Every second: a line may have been lost in a full FIFO, read by another process, or never written. So the place of the
 * virtual IP is compared with the last line. A virtual IP that a dead Keepalived left on this host is not counted.
 */
export const missedLine: readonly AgentRow<Second>[] = [
  {
    when: "a role change is running: nothing",
    fits: ({ state }) => roleChangeRuns(state),
    reaction: () => ({}),
  },
  {
    when: "Keepalived said MASTER last, but the virtual IP is not here: carry BACKUP out",
    fits: ({ state, now }) => state.vrrp === "MASTER" && !now.holdsVip,
    reaction: (facts) => rememberAndRequest(facts, "BACKUP"),
  },
  {
    when: "Keepalived runs and did not say MASTER last, but the virtual IP is here: carry MASTER out",
    fits: ({ state, now, event }) => state.vrrp !== "MASTER" && now.holdsVip && event.keepalivedRuns,
    reaction: (facts) => rememberAndRequest(facts, "MASTER"),
  },
  { when: "the virtual IP is where Keepalived said: nothing", fits: () => true, reaction: () => ({}) },
];

/** Keepalived is gone for a second or two while it is restarted. */
const restart_s = 3;

const dead = (state: AgentState): AgentState["keepalivedDead"] => state.keepalivedDead;

/** Every second: without Keepalived this node can't take over, however fit its Redis is. */
export const keepalivedDead: readonly AgentRow<Second>[] = [
  {
    when: "Keepalived runs again after an error was logged: log it",
    fits: ({ state, event }) => event.keepalivedRuns && dead(state).logged,
    reaction: () => ({
      state: { keepalivedDead: { since_s: undefined, logged: false } },
      effects: [{ do: "log", level: "info", event: "keepalived-runs", message: "Keepalived runs again" }],
    }),
  },
  {
    when: "Keepalived runs: nothing",
    fits: ({ event }) => event.keepalivedRuns,
    reaction: () => ({ state: { keepalivedDead: { since_s: undefined, logged: false } } }),
  },
  {
    when: "Keepalived has not run for 3 s: log an error, once, and why it does not start if that is known",
    fits: ({ state, now }) => !dead(state).logged && now.at_s - (dead(state).since_s ?? now.at_s) >= restart_s,
    reaction: ({ state }) => ({
      state: { keepalivedDead: { ...state.keepalivedDead, logged: true } },
      effects: [{ do: "tell-keepalived-dead" }],
    }),
  },
  {
    when: "Keepalived does not run: remember since when",
    fits: () => true,
    reaction: ({ state, now }) => ({
      state: { keepalivedDead: { ...state.keepalivedDead, since_s: state.keepalivedDead.since_s ?? now.at_s } },
    }),
  },
];
