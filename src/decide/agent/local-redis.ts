import type { AgentEvent, AgentFacts, AgentRow, Reaction } from "../../model/agent.ts";
import type { Observed } from "../../model/observation.ts";
import { atWork } from "./role-change.ts";

type Read = Extract<AgentEvent, { on: "local-read" }>;

const betweenReadings_ms = 5;

const observed = ({ event }: AgentFacts<Read>): Observed | undefined =>
  event.seen.kind === "observed" ? event.seen : undefined;

/** Another process than before, and a master: it may have come back with nothing. */
const restartedAsMaster = (facts: AgentFacts<Read>): boolean => {
  const { runId } = facts.state.local;
  const seen = observed(facts);
  return !facts.now.maintenance && runId !== undefined && seen?.runId !== runId && seen?.role === "master";
};

const loading = (facts: AgentFacts<Read>): boolean => observed(facts)?.loading !== undefined;

/** It may be looked at again; its process is remembered. */
const back = (facts: AgentFacts<Read>, runId = observed(facts)?.runId ?? facts.state.local.runId): Reaction => ({
  state: { local: { ...facts.state.local, runId, down: false } },
  effects: [{ do: "check" }],
});

/**
 * The local Redis was read after its link came back. One that was restarted as a master is parked before it takes a write. While
 * it loads it can't be parked, and takes none either: then it is parked at the end of that, unless a transition compares first.
 */
export const localRead: readonly AgentRow<Read>[] = [
  {
    when: "it is gone again: nothing until its link comes back",
    fits: ({ event }) => event.seen.kind === "unreachable",
    reaction: ({ event }) => ({
      effects: [
        {
          do: "log",
          level: "warn",
          event: "redis-gone",
          message: "our Redis is back, and gone again",
          fields: { detail: event.seen.kind === "observed" ? "" : event.seen.detail },
        },
      ],
    }),
  },
  {
    when: "it rejects us, is the same process as before, no master, or seen for the first time: check it",
    fits: (facts) => !restartedAsMaster(facts),
    reaction: (facts) => back(facts),
  },
  {
    when: "it was restarted as a master and loads, and a transition is carried out, which compares histories: check it",
    fits: (facts) => loading(facts) && atWork(facts.state),
    reaction: (facts) => back(facts),
  },
  {
    when: "it was restarted as a master and loads: check it, and read it again in 5 ms",
    fits: loading,
    reaction: (facts) => {
      const again = { do: "read-local", after_ms: betweenReadings_ms } as const;
      if (!facts.state.local.down) return { effects: [again] };
      const { effects = [], ...rest } = back(facts, facts.state.local.runId);
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
    when: "our Redis was restarted as a master and is parked: check it",
    fits: () => true,
    reaction: ({ state, event }) => ({
      state: { local: { ...state.local, runId: event.runId, down: false } },
      effects: [
        { do: "check" },
        {
          do: "log",
          level: "warn",
          event: "restarted-parked",
          message: "our Redis was restarted as a master: parked until histories are compared",
          fields: { keys: event.keys },
        },
      ],
    }),
  },
];
