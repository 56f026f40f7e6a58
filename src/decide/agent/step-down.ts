import type { AgentEvent, AgentFacts, AgentRow } from "../../model/agent.ts";

/** Keepalived reads a track file within milliseconds (7 ms measured). If the virtual IP is here after this time, it hangs. */
const keepalivedDeadline_s = 1.5;

const aPeerAnswers = ({ now }: AgentFacts): boolean => Object.values(now.peers).includes("answers");

/** Without adverts from this Keepalived another node takes the virtual IP, too, and there would be two holders. */
const rows = <E extends AgentEvent>(applies: (facts: AgentFacts<E>) => boolean): AgentRow<E>[] => [
  {
    when: "a peer answers: step down (fence the local Redis, remove the virtual IP, end the clients' sessions)",
    fits: (facts) => applies(facts) && aPeerAnswers(facts),
    reaction: () => ({
      state: { stepDown: { underWay: true, staysLogged: false } },
      effects: [{ do: "step-down" }],
    }),
  },
  {
    when: "no peer answers, and no error is logged yet: keep the virtual IP, and log an error",
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
    when: "maintenance is on, the virtual IP is not here, or this node already steps down: nothing",
    fits: ({ now, state }) => now.maintenance || !now.holdsVip || state.stepDown.underWay,
    reaction: () => ({}),
  },
  {
    when: "Keepalived may have died, or reloads: watch its processes",
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
    when: "Keepalived runs, the virtual IP is not here, or the error is already logged: nothing",
    fits: () => true,
    reaction: ({ state }) => ({ state: { stepDown: { ...state.stepDown, underWay: false } } }),
  },
];

/** Every second: did Keepalived remove the virtual IP from an unfit node? */
export const keepalivedHangs: readonly AgentRow<Extract<AgentEvent, { on: "second" }>>[] = [
  {
    when: "Keepalived was not told that this node is unfit, or less than 1.5 s ago, or the virtual IP is not here, or this node already steps down: nothing",
    fits: ({ state, now }) =>
      state.health.told !== 0 ||
      now.at_s - state.health.told_s <= keepalivedDeadline_s ||
      !now.holdsVip ||
      state.stepDown.underWay,
    reaction: () => ({}),
  },
  ...rows<Extract<AgentEvent, { on: "second" }>>(() => true),
  { when: "the error is already logged: nothing", fits: () => true, reaction: () => ({}) },
];

export const steppedDown: readonly AgentRow<Extract<AgentEvent, { on: "stepped-down" }>>[] = [
  {
    when: "remember BACKUP as what Keepalived said last",
    fits: () => true,
    reaction: ({ state }) => ({ state: { vrrp: "BACKUP", stepDown: { ...state.stepDown, underWay: false } } }),
  },
];
