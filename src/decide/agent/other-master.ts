import type { AgentEvent, AgentFacts, AgentRow, Reaction } from "../../model/agent.ts";
import { requestTransition, roleChangeRuns } from "./role-change.ts";

const repair_s = 1;

const localIsMaster = ({ state: { local } }: AgentFacts): boolean =>
  local.seen?.kind === "observed" && local.seen.role === "master";

/** Asks the peers whether one of them is master, if this node is. A running role change asks them anyway. */
export const lookForOtherMaster = (facts: AgentFacts): Reaction =>
  roleChangeRuns(facts.state) || !localIsMaster(facts)
    ? {}
    : { effects: [{ do: "look-for-other-master", because: "sole-master" }] };

/** Every second: Keepalived may decide which node is the holder before the Redis servers can reach each other again. */
export const soleMaster: readonly AgentRow<Extract<AgentEvent, { on: "second" }>>[] = [
  {
    when: "this node is the holder and a master: ask the peers whether one of them is master, too",
    fits: (facts) => facts.now.holdsVip,
    reaction: lookForOtherMaster,
  },
  { when: "otherwise: nothing", fits: () => true, reaction: () => ({}) },
];

/** The check found Redis in another role than Keepalived wants: a FIFO line was lost, or the agent was restarted in between. */
export const repairDue: readonly AgentRow<Extract<AgentEvent, { on: "repair-due" }>>[] = [
  {
    // The monitor repairs no more often, either. With more repairs two holders would take the role from each other repeatedly.
    when: "the last repair was less than 1 s ago: nothing",
    fits: ({ state, now }) => now.at_s - state.repaired_s < repair_s,
    reaction: () => ({}),
  },
  {
    // While two nodes have the virtual IP, Keepalived decides which one keeps it.
    when: "the transition is MASTER: ask the peers first whether one of them is master",
    fits: ({ event }) => event.transition === "MASTER",
    reaction: ({ now }) => ({
      state: { repaired_s: now.at_s },
      effects: [{ do: "look-for-other-master", because: "repair" }],
    }),
  },
  {
    when: "carry the transition out again",
    fits: () => true,
    reaction: (facts) => {
      const { state, effects } = requestTransition(facts, facts.event.transition);
      return { state: { ...state, repaired_s: facts.now.at_s }, effects: effects ?? [] };
    },
  },
];

/** The peers were asked whether one of them is master. */
export const otherMasterLooked: readonly AgentRow<Extract<AgentEvent, { on: "other-master-looked" }>>[] = [
  {
    when: "the virtual IP has left since the peers were asked: nothing",
    fits: ({ now }) => !now.holdsVip,
    reaction: () => ({}),
  },
  {
    when: "a peer is master beside this holder: carry MASTER out, which decides which of them stays master",
    fits: ({ event }) => event.because === "sole-master" && event.found,
    reaction: (facts) => requestTransition(facts, "MASTER"),
  },
  {
    when: "no peer is master, and MASTER is to be repaired: carry MASTER out again",
    fits: ({ event }) => event.because === "repair" && !event.found,
    reaction: (facts) => requestTransition(facts, "MASTER"),
  },
  { when: "otherwise: nothing", fits: () => true, reaction: () => ({}) },
];
