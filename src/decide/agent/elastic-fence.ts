import type { AgentEvent, AgentFacts, AgentRow, AgentState } from "../../model/agent.ts";
import type { Observed } from "../../model/observation.ts";
import { writeFence } from "../write-fence.ts";

type Set_ = Extract<AgentEvent, { on: "client-access-set" }>;
type Read = Extract<AgentEvent, { on: "surroundings-read" }>;

const observed = ({ local }: AgentState): Observed | undefined =>
  local.seen?.kind === "observed" ? local.seen : undefined;

/** As this agent set it; unknown once Redis is another process. */
const isOn = (state: AgentState): boolean | undefined =>
  observed(state)?.runId === state.fence.runId ? state.fence.on : undefined;

/** `failover.elastic_fence` with each check: what it depends on has to be read. */
export const considerFence: readonly AgentRow<Set_>[] = [
  {
    when: "not wanted, nothing is known of the local Redis, or its surroundings are being read: nothing",
    fits: ({ state, now }) =>
      observed(state) === undefined || state.fence.asking || !(now.elasticFence || state.fence.on === true),
    reaction: () => ({}),
  },
  {
    when: "read whether a peer is master, unless no fence is set, and whether a witness answers, where a peer is silent",
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

const asked = (state: AgentState) => ({ fence: { ...state.fence, asking: false } });

/** Carries out what the table of the write fence says. */
export const surroundingsRead: readonly AgentRow<Read>[] = [
  {
    when: "the write fence stays as it is: nothing",
    fits: (facts) => {
      const fence = observed(facts.state) === undefined ? "leave" : wanted(facts);
      return fence === "leave" || (fence === "on") === facts.state.fence.on;
    },
    reaction: ({ state }) => ({ state: asked(state) }),
  },
  {
    when: "set it, or lift it",
    fits: () => true,
    reaction: (facts) => ({ effects: [{ do: "set-fence", on: wanted(facts) === "on" }] }),
  },
];

export const fenceSet: readonly AgentRow<Extract<AgentEvent, { on: "fence-set" }>>[] = [
  {
    when: "it could not be set: with the next check once more",
    fits: ({ event }) => !event.done,
    reaction: ({ state }) => ({ state: asked(state) }),
  },
  {
    when: "remember how it is set",
    fits: () => true,
    reaction: ({ state, event }) => ({ state: { fence: { ...state.fence, on: event.fence, asking: false } } }),
  },
];

/** The agent ends: nobody else would lift the fence, or end its drain. */
export const stopping: readonly AgentRow<Extract<AgentEvent, { on: "stopping" }>>[] = [
  {
    when: "end our drain, and lift the elastic fence where it is set",
    fits: () => true,
    reaction: ({ state }) => ({
      effects: [
        ...(state.failback.drainingSince_s === undefined ? [] : ([{ do: "end-drain" }] as const)),
        ...(state.fence.on ? ([{ do: "set-fence", on: false }] as const) : []),
      ],
    }),
  },
];
