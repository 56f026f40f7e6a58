import type { AgentFacts, AgentRow, AgentState, Reaction, Task } from "../../model/agent.ts";
import type { Transition } from "../../model/transition.ts";

/**
 * The one queue of role changes of this node: nothing is ever done twice at the same time. What Keepalived wants now supersedes
 * what is carried out, if that is something else.
 */

/** Carries a transition out, or has it wait for the one that is carried out. Nothing in maintenance. */
export function want({ state, now }: AgentFacts, transition: Transition): Reaction {
  if (now.maintenance) return {};
  if (state.roleChange.running !== undefined)
    return { state: { roleChange: { ...state.roleChange, next: transition } } };
  return start({ ...state.roleChange, next: transition });
}

/** A change of role that no table of a transition has to decide, in its turn and before the next transition. */
export function send({ state }: AgentFacts, task: Task): Reaction {
  if (state.roleChange.running !== undefined) return { state: { roleChange: { ...state.roleChange, task } } };
  return start({ ...state.roleChange, task });
}

type Queue = AgentState["roleChange"];

function start({ task, next }: Queue): Reaction {
  if (task) return { state: { roleChange: { running: task, next } }, effects: [{ do: "task", task }] };
  if (next) return { state: { roleChange: { running: next } }, effects: [{ do: "transition", transition: next }] };
  return { state: { roleChange: {} } };
}

/** A transition, not a task, that is carried out or waits. */
export const aim = ({ roleChange: { next, running } }: AgentState): Transition | undefined =>
  next ?? (typeof running === "string" ? running : undefined);

export const atWork = ({ roleChange }: AgentState): boolean => roleChange.running !== undefined;

/** The newer transition for which the one that is carried out must stop at its next step. */
export const supersededBy = ({ roleChange: { next, running } }: AgentState): Transition | undefined =>
  next === running ? undefined : next;

export const roleChangeEnded: readonly AgentRow<Extract<AgentFacts["event"], { on: "role-change-ended" }>>[] = [
  {
    when: "it parked our replica: remember when; the task or the transition that waits comes next",
    fits: ({ event }) => event.parked,
    reaction: ({ state, now }) => {
      const next = start(state.roleChange);
      return { ...next, state: { ...next.state, local: { ...state.local, parked_s: now.at_s } } };
    },
  },
  {
    when: "the task or the transition that waits comes next",
    fits: () => true,
    reaction: ({ state }) => start(state.roleChange),
  },
];
