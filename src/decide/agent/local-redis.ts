import type { AgentEvent, AgentFacts, AgentRow, Reaction } from "../../model/agent.ts";
import type { Observed } from "../../model/observation.ts";
import { roleChangeRuns } from "./role-change.ts";

type Read = Extract<AgentEvent, { on: "local-read" }>;

const betweenReadings_ms = 5;

const observed = ({ event }: AgentFacts<Read>): Observed | undefined =>
  event.seen.kind === "observed" ? event.seen : undefined;

/** It is another process than before, and a master: its data set may be empty or old. */
const restartedAsMaster = (facts: AgentFacts<Read>): boolean => {
  const { runId } = facts.state.local;
  const seen = observed(facts);
  return !facts.now.maintenance && runId !== undefined && seen?.runId !== runId && seen?.role === "master";
};

const loading = (facts: AgentFacts<Read>): boolean => observed(facts)?.loading !== undefined;

/** Checks the local Redis, and remembers its process. */
const checkAgain = (facts: AgentFacts<Read>, runId = observed(facts)?.runId ?? facts.state.local.runId): Reaction => ({
  state: { local: { ...facts.state.local, runId, down: false } },
  effects: [{ do: "check" }],
});

/**
 * The local Redis was read after its link came back. If it was restarted as a master, it is parked before it takes a write. While
 * it is loading it takes no write and can't be parked: it is parked after that, unless a transition compares histories first.
 */
export const localRead: readonly AgentRow<Read>[] = [
  {
    when: "it does not answer any more: wait until its link comes back",
    fits: ({ event }) => event.seen.kind === "unreachable",
    reaction: ({ event }) => ({
      effects: [
        {
          do: "log",
          level: "warn",
          event: "redis-gone",
          message: "the local Redis answered, and then no longer",
          fields: { detail: event.seen.kind === "observed" ? "" : event.seen.detail },
        },
      ],
    }),
  },
  {
    when: "it rejects the agent, is the same process as before or not a master, or is read for the first time, or maintenance is on: check it",
    fits: (facts) => !restartedAsMaster(facts),
    reaction: (facts) => checkAgain(facts),
  },
  {
    when: "it was restarted as a master and is loading, and a role change is running, which compares histories: check it",
    fits: (facts) => loading(facts) && roleChangeRuns(facts.state),
    reaction: (facts) => checkAgain(facts),
  },
  {
    when: "it was restarted as a master and is loading: check it, and read it again in 5 ms",
    fits: loading,
    reaction: (facts) => {
      const again = { do: "read-local", after_ms: betweenReadings_ms } as const;
      if (!facts.state.local.down) return { effects: [again] };
      const { effects = [], ...rest } = checkAgain(facts, facts.state.local.runId);
      return { ...rest, effects: [...effects, again] };
    },
  },
  {
    when: "it was restarted as a master: park it until histories are compared",
    fits: () => true,
    reaction: (facts) => {
      const { runId, keys } = observed(facts) as Observed;
      return { effects: [{ do: "park-local", runId, keys }] };
    },
  },
];

export const localParked: readonly AgentRow<Extract<AgentEvent, { on: "local-parked" }>>[] = [
  {
    when: "remember its process, check it, and log the restart",
    fits: () => true,
    reaction: ({ state, event }) => ({
      state: { local: { ...state.local, runId: event.runId, down: false } },
      effects: [
        { do: "check" },
        {
          do: "log",
          level: "warn",
          event: "restarted-parked",
          message: "the local Redis was restarted as a master: parked until histories are compared",
          fields: { keys: event.keys },
        },
      ],
    }),
  },
];
