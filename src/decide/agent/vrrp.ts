import type { AgentEvent, AgentFacts, AgentRow } from "../../model/agent.ts";
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
    reaction: (facts) => rememberAndRequest(facts, transitionOf[facts.event.state] as Transition),
  },
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

/** Every second: without Keepalived this node can't take over, however fit its Redis is. */
export const keepalivedDead: readonly AgentRow<Second>[] = [
  {
    when: "Keepalived does not run, and no error is logged yet: log an error",
    fits: ({ state, event }) => !event.keepalivedRuns && !state.keepalivedDeadLogged,
    reaction: () => ({
      state: { keepalivedDeadLogged: true },
      effects: [
        {
          do: "log",
          level: "error",
          event: "keepalived-dead",
          message: "Keepalived does not run on this host: this node can't take over",
          fields: { remedy: "start Keepalived; `journalctl -u keepalived` shows why it ended" },
        },
      ],
    }),
  },
  {
    when: "Keepalived runs again: log it",
    fits: ({ state, event }) => event.keepalivedRuns && state.keepalivedDeadLogged,
    reaction: () => ({
      state: { keepalivedDeadLogged: false },
      effects: [{ do: "log", level: "info", event: "keepalived-runs", message: "Keepalived runs again" }],
    }),
  },
  { when: "otherwise: nothing", fits: () => true, reaction: () => ({}) },
];
