import type { AgentEvent, AgentFacts, AgentRow, AgentState, Reaction } from "../../model/agent.ts";

/** So long the preferred node must have been in sync: one that comes and goes is no place to go back to. */
const steady_s = 5;
const giveUp_s = 5;
const again_s = 60;

type Set_ = Extract<AgentEvent, { on: "client-access-set" }>;

const draining_s = ({ state, now }: AgentFacts): number => now.at_s - (state.failback.drainingSince_s ?? now.at_s);

/** The preferred node is a synced replica of this holder, and the cluster file wants the role to go back. */
function due({ state, now, event }: AgentFacts<Set_>): boolean {
  const { seen } = state.local;
  if (now.failback !== "auto" || !event.holder || now.preferred.name === now.node) return false;
  return (
    seen?.kind === "observed" &&
    seen.role === "master" &&
    seen.replicas.some(({ host, online, lag_s }) => host === now.preferred.host && online && lag_s <= 1)
  );
}

const putOff = ({ now }: AgentFacts, effects: Reaction["effects"] = []): Reaction => ({
  state: { failback: { syncedSince_s: undefined, drainingSince_s: undefined, notBefore_s: now.at_s + again_s } },
  effects: [...effects, { do: "end-drain" }],
});

const isDraining = ({ failback }: AgentState): boolean => failback.drainingSince_s !== undefined;

/**
 * `failover.failback = "auto"`: once the node with the highest priority is a synced replica again, this holder asks Keepalived to
 * give the virtual IP away. The transition that follows there takes the role over with nothing lost.
 */
export const failback: readonly AgentRow<Set_>[] = [
  {
    when: "the role goes back, and the virtual IP is still here, for less than 5 s: wait",
    fits: (facts) => isDraining(facts.state) && facts.event.holder && draining_s(facts) <= giveUp_s,
    reaction: () => ({}),
  },
  {
    when: "the role goes back, but the virtual IP did not move in 5 s: give up for a minute",
    fits: (facts) => isDraining(facts.state) && draining_s(facts) > giveUp_s,
    reaction: (facts) =>
      putOff(facts, [
        {
          do: "log",
          level: "warn",
          event: "failback-given-up",
          message: "failback: the virtual IP did not move, giving up for now",
          fields: { again_s },
        },
      ]),
  },
  {
    when: "the virtual IP has left: no longer drained",
    fits: ({ state }) => isDraining(state),
    reaction: (facts) => putOff(facts),
  },
  {
    when: "not wanted, or the preferred node is no replica in sync: nothing",
    fits: (facts) => !due(facts),
    reaction: ({ state }) => ({ state: { failback: { ...state.failback, syncedSince_s: undefined } } }),
  },
  {
    when: "in sync for less than 5 s, or given up less than a minute ago: nothing yet",
    fits: ({ state: { failback }, now }) =>
      now.at_s - (failback.syncedSince_s ?? now.at_s) < steady_s || now.at_s < failback.notBefore_s,
    reaction: ({ state, now }) => ({
      state: { failback: { ...state.failback, syncedSince_s: state.failback.syncedSince_s ?? now.at_s } },
    }),
  },
  {
    // The same password opens both, as a rule: a node that rejects us here could not be told to hand over when the role changes.
    when: "give the role back: first see whether the preferred node answers us",
    fits: () => true,
    reaction: ({ state, now }) => ({
      state: { failback: { ...state.failback, drainingSince_s: now.at_s } },
      effects: [
        {
          do: "log",
          level: "info",
          event: "failback",
          message: `failback: giving the role back to ${now.preferred.name}`,
        },
        { do: "read-preferred" },
      ],
    }),
  },
];

const givenUp = (facts: AgentFacts, error: string): Reaction =>
  putOff(facts, [
    {
      do: "log",
      level: "error",
      event: "failback-given-up",
      message: "failback: given up for now",
      fields: { again_s, error },
    },
  ]);

/** The preferred node was read before the role goes back to it. */
export const preferredRead: readonly AgentRow<Extract<AgentEvent, { on: "preferred-read" }>>[] = [
  {
    when: "it was given up meanwhile: nothing",
    fits: ({ state }) => !isDraining(state),
    reaction: () => ({}),
  },
  {
    when: "it answers us: block our clients, then drain this node",
    fits: ({ event }) => event.seen.kind === "observed",
    reaction: () => ({ effects: [{ do: "block-to-drain" }] }),
  },
  {
    when: "it doesn't answer, or rejects us: give up for a minute",
    fits: () => true,
    reaction: (facts) => givenUp(facts, facts.event.seen.kind === "observed" ? "" : facts.event.seen.detail),
  },
];

export const blockedToDrain: readonly AgentRow<Extract<AgentEvent, { on: "blocked-to-drain" }>>[] = [
  {
    when: "it was given up meanwhile: nothing; the next check lets the clients in",
    fits: ({ state }) => !isDraining(state),
    reaction: () => ({}),
  },
  { when: "drain this node", fits: () => true, reaction: () => ({ effects: [{ do: "start-drain" }] }) },
];

export const drainFailed: readonly AgentRow<Extract<AgentEvent, { on: "drain-failed" }>>[] = [
  {
    when: "the drain track file can't be written: give up for a minute",
    fits: () => true,
    reaction: (facts) => givenUp(facts, facts.event.error),
  },
];
