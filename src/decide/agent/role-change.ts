import type { AgentFacts, AgentRow, AgentState, Reaction, Task } from "../../model/agent.ts";
import type { Transition } from "../../model/transition.ts";

/**
 * The queue of role changes of this node: at most one runs at a time. A newer transition supersedes a different one that is
 * running.
 */

/** Starts a transition, or lets it wait for the role change that is running. Does nothing in maintenance. */
export function requestTransition({ state, now }: AgentFacts, transition: Transition): Reaction {
  if (now.maintenance) return {};
  if (state.roleChange.running !== undefined)
    return { state: { roleChange: { ...state.roleChange, next: transition } } };
  return startNext({ ...state.roleChange, next: transition });
}

/** Starts a task, or lets it wait for the role change that is running. A waiting task comes before a waiting transition. */
export function requestTask({ state }: AgentFacts, task: Task): Reaction {
  if (state.roleChange.running !== undefined) return { state: { roleChange: { ...state.roleChange, task } } };
  return startNext({ ...state.roleChange, task });
}

type Queue = AgentState["roleChange"];

function startNext({ task, next }: Queue): Reaction {
  if (task) return { state: { roleChange: { running: task, next } }, effects: [{ do: "task", task }] };
  if (next) return { state: { roleChange: { running: next } }, effects: [{ do: "transition", transition: next }] };
  return { state: { roleChange: {} } };
}

/** The transition that waits, or else the one that is running; undefined if only a task is running. */
export const latestTransition = ({ roleChange: { next, running } }: AgentState): Transition | undefined =>
  next ?? (typeof running === "string" ? running : undefined);

export const roleChangeRuns = ({ roleChange }: AgentState): boolean => roleChange.running !== undefined;

/** The newer transition that stops the running one at its next step. */
export const supersededBy = ({ roleChange: { next, running } }: AgentState): Transition | undefined =>
  next === running ? undefined : next;

export const roleChangeEnded: readonly AgentRow<Extract<AgentFacts["event"], { on: "role-change-ended" }>>[] = [
  {
    when: "it parked the local replica: remember when, and start the waiting task or transition",
    fits: ({ event }) => event.parked,
    reaction: ({ state, now }) => {
      const next = startNext(state.roleChange);
      return { ...next, state: { ...next.state, local: { ...state.local, parked_s: now.at_s } } };
    },
  },
  {
    when: "start the waiting task or transition",
    fits: ({ state: { roleChange } }) => roleChange.task !== undefined || roleChange.next !== undefined,
    reaction: ({ state }) => startNext(state.roleChange),
  },
  {
    // A holder that has given way must lose the virtual IP soon. Not after a task: MASTER may come at that moment, and would wait for
    // the check (4 of 20 ms of a crash, measured).
    when: "nothing waits after a transition: check the health of this node",
    fits: ({ state: { roleChange } }) => typeof roleChange.running === "string",
    reaction: ({ state }) => ({ ...startNext(state.roleChange), effects: [{ do: "check" }] }),
  },
  { when: "nothing waits: nothing", fits: () => true, reaction: ({ state }) => startNext(state.roleChange) },
];
