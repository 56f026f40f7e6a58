import type { AgentEvent, AgentFacts, AgentRow, AgentState } from "../../model/agent.ts";
import type { Observed } from "../../model/observation.ts";
import { writeFence } from "../write-fence.ts";

type AccessSet = Extract<AgentEvent, { on: "client-access-set" }>;
type Read = Extract<AgentEvent, { on: "surroundings-read" }>;

const observed = ({ local }: AgentState): Observed | undefined =>
  local.seen?.kind === "observed" ? local.seen : undefined;

/** Whether this agent set the fence. Unknown after a restart of Redis. */
const isOn = (state: AgentState): boolean | undefined =>
  observed(state)?.runId === state.fence.runId ? state.fence.on : undefined;

/** After each check, if `failover.elastic_fence` is on: read what the fence depends on. */
export const considerFence: readonly AgentRow<AccessSet>[] = [
  {
    when: "`failover.elastic_fence` is off and no fence is set, the local Redis was not read, or the last query still runs: nothing",
    fits: ({ state, now }) =>
      observed(state) === undefined || state.fence.asking || !(now.elasticFence || state.fence.on === true),
    reaction: () => ({}),
  },
  {
    when: "ask the peers whether one of them is master, unless the fence is known to be off; ask the witnesses if a peer is silent",
    fits: () => true,
    reaction: ({ state, now }) => {
      const on = isOn(state);
      const silent = Object.values(now.peers).includes("silent");
      return {
        state: { fence: { on, runId: observed(state)?.runId ?? "", asking: true } },
        effects: [{ do: "read-surroundings", masters: on !== false, witnesses: now.witnesses && silent }],
      };
    },
  },
];

const wanted = ({ state, now, event }: AgentFacts<Read>) =>
  now.elasticFence
    ? writeFence({
        ours: observed(state) as Observed,
        holdsVip: now.holdsVip,
        peers: Object.values(now.peers),
        otherMaster: event.otherMaster,
        witnessed: event.witnessed,
      })
    : "off";

const queryEnded = (state: AgentState) => ({ fence: { ...state.fence, asking: false } });

/** The table WRITE FENCE decides; these rows carry its decision out. */
export const surroundingsRead: readonly AgentRow<Read>[] = [
  {
    when: "the fence is as it should be: nothing",
    fits: (facts) => {
      const fence = observed(facts.state) === undefined ? "leave" : wanted(facts);
      return fence === "leave" || (fence === "on") === facts.state.fence.on;
    },
    reaction: ({ state }) => ({ state: queryEnded(state) }),
  },
  {
    when: "set or lift the fence",
    fits: () => true,
    reaction: (facts) => ({ effects: [{ do: "set-fence", on: wanted(facts) === "on" }] }),
  },
];

export const fenceSet: readonly AgentRow<Extract<AgentEvent, { on: "fence-set" }>>[] = [
  {
    when: "that failed: try again after the next check",
    fits: ({ event }) => !event.done,
    reaction: ({ state }) => ({ state: queryEnded(state) }),
  },
  {
    when: "remember whether the fence is set",
    fits: () => true,
    reaction: ({ state, event }) => ({ state: { fence: { ...state.fence, on: event.fence, asking: false } } }),
  },
];

/** The agent ends. Nothing else would lift its fence or end its drain. */
export const stopping: readonly AgentRow<Extract<AgentEvent, { on: "stopping" }>>[] = [
  {
    when: "end the drain that this agent started, and lift the elastic fence if it is set",
    fits: () => true,
    reaction: ({ state }) => ({
      effects: [
        ...(state.failback.drainingSince_s === undefined ? [] : ([{ do: "end-drain" }] as const)),
        ...(state.fence.on ? ([{ do: "set-fence", on: false }] as const) : []),
      ],
    }),
  },
];
