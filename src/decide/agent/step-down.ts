import type { AgentEvent, AgentFacts, AgentRow } from "../../model/agent.ts";

/** Keepalived reads a track file within milliseconds (7 measured); one that hasn't by then hangs. */
const unheard_s = 1.5;

const somebodyAnswers = ({ now }: AgentFacts): boolean => Object.values(now.peers).includes("answers");

/** Keepalived's adverts have ended, so another node takes the address, too: that would be two holders. */
const rows = <E extends AgentEvent>(applies: (facts: AgentFacts<E>) => boolean): AgentRow<E>[] => [
  {
    when: "a peer answers: step down (hold writes back, take the address off, end the clients' sessions)",
    fits: (facts) => applies(facts) && somebodyAnswers(facts),
    reaction: () => ({
      state: { stepDown: { underWay: true, staysLogged: false } },
      effects: [{ do: "step-down" }],
    }),
  },
  {
    when: "no peer answers: the virtual IP stays, with an error in the log, once",
    fits: (facts) => applies(facts) && !facts.state.stepDown.staysLogged,
    reaction: () => ({
      state: { stepDown: { underWay: false, staysLogged: true } },
      effects: [
        {
          do: "log",
          level: "error",
          event: "vip-stays",
          message: "Keepalived is dead or hangs, and no peer answers: the virtual IP stays here",
        },
      ],
    }),
  },
];

/** Keepalived closed the FIFO. */
export const fifoClosed: readonly AgentRow<Extract<AgentEvent, { on: "fifo-closed" }>>[] = [
  {
    when: "maintenance is on, the virtual IP is not here, or this node is stepping down: nothing",
    fits: ({ now, state }) => now.maintenance || !now.holdsVip || state.stepDown.underWay,
    reaction: () => ({}),
  },
  {
    when: "it may have died, or just reload: watch it",
    fits: () => true,
    reaction: ({ state }) => ({
      state: { stepDown: { ...state.stepDown, underWay: true } },
      effects: [{ do: "watch-keepalived" }],
    }),
  },
];

/** Keepalived was watched after it closed the FIFO. */
export const keepalivedWatched: readonly AgentRow<Extract<AgentEvent, { on: "keepalived-watched" }>>[] = [
  ...rows<Extract<AgentEvent, { on: "keepalived-watched" }>>(({ event, now }) => event.dead && now.holdsVip),
  {
    when: "it lives, the virtual IP has left, or the log says that it stays: nothing",
    fits: () => true,
    reaction: ({ state }) => ({ state: { stepDown: { ...state.stepDown, underWay: false } } }),
  },
];

/** Every second: does Keepalived do as it was told? */
export const keepalivedHangs: readonly AgentRow<Extract<AgentEvent, { on: "second" }>>[] = [
  {
    when: "it heard that this node is unfit less than 1.5 s ago, or has not to, or the virtual IP is not here: nothing",
    fits: ({ state, now }) =>
      state.health.told !== 0 ||
      now.at_s - state.health.told_s <= unheard_s ||
      !now.holdsVip ||
      state.stepDown.underWay,
    reaction: () => ({}),
  },
  ...rows<Extract<AgentEvent, { on: "second" }>>(() => true),
  { when: "the log says that it stays: nothing", fits: () => true, reaction: () => ({}) },
];

export const steppedDown: readonly AgentRow<Extract<AgentEvent, { on: "stepped-down" }>>[] = [
  {
    when: "this node is what Keepalived would have made it: BACKUP",
    fits: () => true,
    reaction: ({ state }) => ({ state: { vrrp: "BACKUP", stepDown: { ...state.stepDown, underWay: false } } }),
  },
];
