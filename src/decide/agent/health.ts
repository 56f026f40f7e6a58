import type { AgentEvent, AgentFacts, AgentRow } from "../../model/agent.ts";
import { growsByWrites } from "./polling.ts";

/** A replica that was parked because a connection broke follows again within milliseconds if its master still runs. */
const parkedGrace_s = 1;
// A load or a full copy may end at any moment. Until Keepalived is told, no node could take over from the master.
const soonFit = new Set(["loading", "incomplete"]);
const checkAgain_ms = 100;

type Checked = Extract<AgentEvent, { on: "checked" }>;
type AccessSet = Extract<AgentEvent, { on: "client-access-set" }>;

/** Remembers the result of a check. A change that is not logged yet is kept until it is logged, or until the node is fit again. */
const remember = ({ state, event: { seen, verdict, change } }: AgentFacts<Checked>) => ({
  local: { ...state.local, seen: seen ?? state.local.seen, busy: growsByWrites(state.local, seen) },
  health: { ...state.health, verdict, unlogged: change ?? (verdict.healthy ? undefined : state.health.unlogged) },
});

/** A health check ended. Client access is set before Keepalived is told, since refused clients connect again at once. */
export const checked: readonly AgentRow<Checked>[] = [
  {
    when: "this node is the holder and is drained: block clients, then tell Keepalived",
    fits: ({ event }) => event.verdict.cause === "draining" && event.holder,
    reaction: (facts) => ({
      state: remember(facts),
      effects: [{ do: "block-clients", holder: facts.event.holder }],
    }),
  },
  {
    when: "otherwise: unblock clients if they are blocked, then tell Keepalived",
    fits: () => true,
    reaction: (facts) => ({
      state: remember(facts),
      effects: [{ do: "unblock-clients", holder: facts.event.holder }],
    }),
  },
];

/** This agent parked the local replica a moment ago, which does not make the node unfit. */
const justParked = ({ state: { health, local }, now }: AgentFacts): boolean =>
  health.told === 1 && health.verdict?.cause === "not-following" && now.at_s - local.parked_s < parkedGrace_s;

const tellKeepalived = ({ state, now }: AgentFacts, healthy: boolean) =>
  ({ do: "tell-health", fit: healthy && !state.local.down && !now.draining ? 1 : 0 }) as const;

/** What Keepalived is told, and what is logged. */
export const tellHealth: readonly AgentRow<AccessSet>[] = [
  {
    when: "the agent parked the local replica less than 1 s ago, which follows again if its master still runs: still fit, and nothing is logged",
    fits: justParked,
    reaction: (facts) => ({ effects: [tellKeepalived(facts, true)] }),
  },
  {
    when: "tell Keepalived the verdict (unfit while the local Redis is gone or the node is drained), and log it if it changed",
    fits: () => true,
    reaction: (facts) => {
      const { verdict, unlogged } = facts.state.health;
      const effect = tellKeepalived(facts, verdict?.healthy === true);
      if (!unlogged) return { effects: [effect] };
      return {
        state: { health: { ...facts.state.health, unlogged: undefined } },
        effects: [effect, { do: "log", event: "verdict", ...unlogged }],
      };
    },
  },
];

export const checkSoon: readonly AgentRow<AccessSet>[] = [
  {
    when: "unfit because the local Redis is loading or copying: check again in 0.1 s",
    fits: ({ state: { health } }) => health.verdict?.healthy === false && soonFit.has(health.verdict.cause),
    reaction: () => ({ effects: [{ do: "check", after_ms: checkAgain_ms }] }),
  },
  { when: "otherwise: nothing; the next check is due in the next second", fits: () => true, reaction: () => ({}) },
];

export const healthTold: readonly AgentRow<Extract<AgentEvent, { on: "health-told" }>>[] = [
  {
    when: "Keepalived was told the same before: nothing",
    fits: ({ state, event }) => state.health.told === event.fit,
    reaction: () => ({}),
  },
  {
    when: "remember what Keepalived was told, and when",
    fits: () => true,
    reaction: ({ state, event, now }) => ({
      state: { health: { ...state.health, told: event.fit, told_s: now.at_s } },
    }),
  },
];
