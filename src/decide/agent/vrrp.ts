import type { AgentEvent, AgentFacts, AgentRow } from "../../model/agent.ts";
import type { Transition } from "../../model/transition.ts";
import { atWork, want } from "./role-change.ts";

const meaning: Readonly<Record<string, Transition>> = {
  MASTER: "MASTER",
  // Still master after a split: the one way to hear of it.
  MASTER_RX_LOWER_PRI: "MASTER",
  BACKUP: "BACKUP",
  FAULT: "FAULT",
  STOP: "STOP",
};

/** Keepalived's new state of this node, remembered and carried out. */
function heard(facts: AgentFacts, transition: Transition) {
  const { state, effects } = want(facts, transition);
  return { state: { ...state, vrrp: transition }, effects: effects ?? [] };
}

/** Keepalived wrote a line into the FIFO. */
export const vrrpLine: readonly AgentRow<Extract<AgentEvent, { on: "vrrp-line" }>>[] = [
  {
    when: "it names no state that changes a role: nothing",
    fits: ({ event }) => meaning[event.state] === undefined,
    reaction: () => ({}),
  },
  {
    when: "maintenance is on: remember the state",
    fits: ({ now }) => now.maintenance,
    reaction: ({ event }) => ({ state: { vrrp: meaning[event.state] } }),
  },
  {
    when: "remember the state and carry the transition out",
    fits: () => true,
    reaction: (facts) => heard(facts, meaning[facts.event.state] as Transition),
  },
];

type Second = Extract<AgentEvent, { on: "second" }>;

/**
 * Every second: a line may have been lost in a full pipe, read by somebody else, or never written. Where the address is, is the
 * truth; one that a dead Keepalived left behind says nothing.
 */
export const missedLine: readonly AgentRow<Second>[] = [
  {
    when: "a role change is carried out: nothing",
    fits: ({ state }) => atWork(state),
    reaction: () => ({}),
  },
  {
    when: "Keepalived said MASTER last, and the virtual IP is not here: carry BACKUP out",
    fits: ({ state, now }) => state.vrrp === "MASTER" && !now.holdsVip,
    reaction: (facts) => heard(facts, "BACKUP"),
  },
  {
    when: "Keepalived runs, did not say MASTER last, and the virtual IP is here: carry MASTER out",
    fits: ({ state, now, event }) => state.vrrp !== "MASTER" && now.holdsVip && event.keepalivedRuns,
    reaction: (facts) => heard(facts, "MASTER"),
  },
  { when: "the address is where Keepalived said: nothing", fits: () => true, reaction: () => ({}) },
];

/** Every second: without Keepalived on this host nobody here would take over, however fit its Redis is. */
export const keepalivedDead: readonly AgentRow<Second>[] = [
  {
    when: "Keepalived does not run, and the log doesn't say so yet: an error in the log",
    fits: ({ state, event }) => !event.keepalivedRuns && !state.keepalivedDeadLogged,
    reaction: () => ({
      state: { keepalivedDeadLogged: true },
      effects: [
        {
          do: "log",
          level: "error",
          event: "keepalived-dead",
          message: "Keepalived does not run on this host: this node can't take over",
          fields: { remedy: "start it; `journalctl -u keepalived` says why it ended" },
        },
      ],
    }),
  },
  {
    when: "Keepalived runs again: say so",
    fits: ({ state, event }) => event.keepalivedRuns && state.keepalivedDeadLogged,
    reaction: () => ({
      state: { keepalivedDeadLogged: false },
      effects: [{ do: "log", level: "info", event: "keepalived-runs", message: "Keepalived runs again" }],
    }),
  },
  { when: "nothing new: nothing", fits: () => true, reaction: () => ({}) },
];
