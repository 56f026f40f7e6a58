import type { AgentEvent, AgentFacts, AgentRow, Reaction } from "../../model/agent.ts";
import { atWork, want } from "./role-change.ts";

const repair_s = 1;

const weAreMaster = ({ state: { local } }: AgentFacts): boolean =>
  local.seen?.kind === "observed" && local.seen.role === "master";

/** Asks the peers whether one of them is master, where this node is, and no role change says so anyway. */
export const lookForOtherMaster = (facts: AgentFacts): Reaction =>
  atWork(facts.state) || !weAreMaster(facts)
    ? {}
    : { effects: [{ do: "look-for-other-master", because: "sole-master" }] };

/** Every second: Keepalived may settle who holds the address before the nodes see each other again. */
export const soleMaster: readonly AgentRow<Extract<AgentEvent, { on: "second" }>>[] = [
  {
    when: "this node holds the virtual IP and is master: is another one master, too?",
    fits: (facts) => facts.now.holdsVip,
    reaction: lookForOtherMaster,
  },
  { when: "otherwise: nothing", fits: () => true, reaction: () => ({}) },
];

/** The check found Redis not as Keepalived wants it: a lost line, or a restart of ours, left something undone. */
export const repairDue: readonly AgentRow<Extract<AgentEvent, { on: "repair-due" }>>[] = [
  {
    // As often as a monitor would. More, and two nodes that both have the virtual IP would pass the role to and fro.
    when: "it was repaired less than 1 s ago: nothing",
    fits: ({ state, now }) => now.at_s - state.repaired_s < repair_s,
    reaction: () => ({}),
  },
  {
    // While two nodes have the virtual IP it is Keepalived who says which of them it is, and one that can't say so is unfit.
    when: "MASTER: only where no other node is master",
    fits: ({ event }) => event.transition === "MASTER",
    reaction: ({ now }) => ({
      state: { repaired_s: now.at_s },
      effects: [{ do: "look-for-other-master", because: "repair" }],
    }),
  },
  {
    when: "carry it out once more",
    fits: () => true,
    reaction: (facts) => {
      const { state, effects } = want(facts, facts.event.transition);
      return { state: { ...state, repaired_s: facts.now.at_s }, effects: effects ?? [] };
    },
  },
];

/** The peers were asked whether one of them is master. */
export const otherMasterLooked: readonly AgentRow<Extract<AgentEvent, { on: "other-master-looked" }>>[] = [
  {
    when: "another one is master beside this holder: carry MASTER out, which decides who stays",
    fits: ({ event }) => event.because === "sole-master" && event.found,
    reaction: (facts) => want(facts, "MASTER"),
  },
  {
    when: "no other one is, and MASTER was left undone: carry it out once more",
    fits: ({ event }) => event.because === "repair" && !event.found,
    reaction: (facts) => want(facts, "MASTER"),
  },
  { when: "otherwise: nothing", fits: () => true, reaction: () => ({}) },
];
