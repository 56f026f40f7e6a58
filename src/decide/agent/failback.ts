import type { AgentEvent, AgentFacts, AgentRow, AgentState, Reaction } from "../../model/agent.ts";
import type { Fields } from "../../model/log.ts";

/** How long the preferred node must have been in sync before a failback, so that an unstable node does not get the role. */
const inSyncFor_s = 5;
const deadline_s = 5;
const retryAfter_s = 60;
const retryAfterAtMost_s = 3600;

type AccessSet = Extract<AgentEvent, { on: "client-access-set" }>;

const drainingFor_s = ({ state, now }: AgentFacts): number => now.at_s - (state.failback.drainingSince_s ?? now.at_s);

/** Failback is automatic, and the preferred node is a replica in sync with this holder. */
function due({ state, now, event }: AgentFacts<AccessSet>): boolean {
  const { seen } = state.local;
  if (now.failback !== "auto" || !event.holder || now.preferred.name === now.node) return false;
  return (
    seen?.kind === "observed" &&
    seen.role === "master" &&
    seen.replicas.some(({ host, online, lag_s }) => host === now.preferred.host && online && lag_s <= 1)
  );
}

/** Each failback that is given up doubles the time to the next one: clients notice each. */
const againAfter_s = ({ state }: AgentFacts): number =>
  Math.min(retryAfterAtMost_s, retryAfter_s * 2 ** state.failback.givenUp);

const giveUpAndLog = (facts: AgentFacts, level: "warn" | "error", message: string, fields: Fields = {}): Reaction => {
  const again_s = againAfter_s(facts);
  const { givenUp } = facts.state.failback;
  const failback = { syncedSince_s: undefined, drainingSince_s: undefined };
  return {
    state: { failback: { ...failback, notBefore_s: facts.now.at_s + again_s, givenUp: givenUp + 1 } },
    effects: [
      {
        do: "log",
        level,
        event: "failback-given-up",
        message: `failback: ${message}; next attempt after ${again_s} s`,
        fields: { again_s, ...fields },
      },
      { do: "end-drain" },
    ],
  };
};

const isDraining = ({ failback }: AgentState): boolean => failback.drainingSince_s !== undefined;

/**
 * `failover.failback = "auto"`: once the node with the highest priority is a replica in sync again, this holder drains itself,
 * so that Keepalived moves the virtual IP there. The MASTER transition of that node takes the role over, and loses no write.
 */
export const failback: readonly AgentRow<AccessSet>[] = [
  {
    when: "a failback has run for 5 s at most, and the virtual IP is still here: wait",
    fits: (facts) => isDraining(facts.state) && facts.event.holder && drainingFor_s(facts) <= deadline_s,
    reaction: () => ({}),
  },
  {
    when: "the virtual IP did not move within 5 s of a failback: give up for a minute, and for twice as long each further time",
    fits: (facts) => isDraining(facts.state) && drainingFor_s(facts) > deadline_s,
    reaction: (facts) => giveUpAndLog(facts, "warn", `the virtual IP did not move within ${deadline_s} s`),
  },
  {
    when: "the virtual IP has left this node: end the drain",
    fits: ({ state }) => isDraining(state),
    reaction: ({ now }) => ({
      state: {
        failback: {
          syncedSince_s: undefined,
          drainingSince_s: undefined,
          notBefore_s: now.at_s + retryAfter_s,
          givenUp: 0,
        },
      },
      effects: [{ do: "end-drain" }],
    }),
  },
  {
    when: "failback is manual, this node is preferred or not the holder, or the preferred node is not a replica in sync: nothing",
    fits: (facts) => !due(facts),
    reaction: ({ state }) => ({ state: { failback: { ...state.failback, syncedSince_s: undefined } } }),
  },
  {
    when: "the preferred node has been in sync for less than 5 s, or a failback was given up less than a minute ago: wait",
    fits: ({ state: { failback }, now }) =>
      now.at_s - (failback.syncedSince_s ?? now.at_s) < inSyncFor_s || now.at_s < failback.notBefore_s,
    reaction: ({ state, now }) => ({
      state: { failback: { ...state.failback, syncedSince_s: state.failback.syncedSince_s ?? now.at_s } },
    }),
  },
  {
    // The hand-over needs a login at the preferred node, so a failback does not start if that fails.
    when: "start a failback: read the preferred node first",
    fits: () => true,
    reaction: ({ state, now }) => ({
      state: { failback: { ...state.failback, drainingSince_s: now.at_s } },
      effects: [
        {
          do: "log",
          level: "info",
          event: "failback",
          message: `failback: moving the role back to ${now.preferred.name}`,
        },
        { do: "read-preferred" },
      ],
    }),
  },
];

type PreferredRead = Extract<AgentEvent, { on: "preferred-read" }>;

// Copied within 0.1 s.
const mayLack_bytes = 1_000_000;

/** What the preferred node, which was read later, had not copied of this master's history. */
function lacks_bytes({ state, event: { seen } }: AgentFacts<PreferredRead>): number {
  const ours = state.local.seen;
  if (seen.kind !== "observed" || ours?.kind !== "observed") return 0;
  return ours.history.offset - seen.history.offset;
}

const giveUp = (facts: AgentFacts, error: string): Reaction => giveUpAndLog(facts, "error", "failed", { error });

/** The preferred node was read at the start of a failback. */
export const preferredRead: readonly AgentRow<PreferredRead>[] = [
  {
    when: "the failback was given up in the meantime: nothing",
    fits: ({ state }) => !isDraining(state),
    reaction: () => ({}),
  },
  {
    // Its Keepalived may be dead, or find it unfit: then nobody would have the virtual IP (2.7 s a minute, measured).
    when: "the preferred node's agent does not announce that its Keepalived would take the virtual IP: give up",
    fits: ({ event }) => event.seen.kind === "observed" && !event.ready,
    reaction: (facts) =>
      giveUp(
        facts,
        `${facts.now.preferred.name} would not take the virtual IP: do Keepalived and the agent run there?`,
      ),
  },
  {
    // Its link is up and it acknowledges each second, but a hand-over would hold writes back until it has them all.
    when: "the preferred node lacks more than 1 MB of what this master had at its last check: give up",
    fits: (facts) => lacks_bytes(facts) > mayLack_bytes,
    reaction: (facts) =>
      giveUp(facts, `${facts.now.preferred.name} lacks the last ${lacks_bytes(facts)} bytes of the master's history`),
  },
  {
    when: "the preferred node answers: block clients, then drain this node",
    fits: ({ event }) => event.seen.kind === "observed",
    reaction: () => ({ effects: [{ do: "block-to-drain" }] }),
  },
  {
    when: "it does not answer, or rejects the agent: give up",
    fits: () => true,
    reaction: (facts) => giveUp(facts, facts.event.seen.kind === "observed" ? "" : facts.event.seen.detail),
  },
];

export const blockedToDrain: readonly AgentRow<Extract<AgentEvent, { on: "blocked-to-drain" }>>[] = [
  {
    when: "the failback was given up in the meantime: nothing; the next check unblocks clients",
    fits: ({ state }) => !isDraining(state),
    reaction: () => ({}),
  },
  { when: "drain this node", fits: () => true, reaction: () => ({ effects: [{ do: "start-drain" }] }) },
];

export const drainFailed: readonly AgentRow<Extract<AgentEvent, { on: "drain-failed" }>>[] = [
  {
    when: "the drain track file can't be written: give up",
    fits: () => true,
    reaction: (facts) => giveUp(facts, facts.event.error),
  },
];
