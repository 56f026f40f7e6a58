import type { AgentEvent, AgentFacts, AgentRow } from "../../model/agent.ts";
import { growsByWrites } from "./polling.ts";

/** A replica that was parked because a connection broke follows again within milliseconds if its master lives. */
const parkedGrace_s = 1;
// A load or a full copy ends at any moment, and until Keepalived hears of it nobody could take over from the master.
const nearlyFit = new Set(["loading", "incomplete"]);
const checkAgain_ms = 100;

type Checked = Extract<AgentEvent, { on: "checked" }>;
type Set_ = Extract<AgentEvent, { on: "client-access-set" }>;

/** What a check found is remembered. A change that is not in the log yet stays there until it is, or until it is over. */
const remember = ({ state, event: { seen, verdict, change } }: AgentFacts<Checked>) => ({
  local: { ...state.local, seen: seen ?? state.local.seen, busy: growsByWrites(state.local, seen) },
  health: { ...state.health, verdict, unlogged: change ?? (verdict.healthy ? undefined : state.health.unlogged) },
});

/** A health check ended: who may connect comes first, since clients that are refused ask again at once. */
export const checked: readonly AgentRow<Checked>[] = [
  {
    when: "this holder was asked to give the virtual IP away: block its clients, then tell Keepalived",
    fits: ({ event }) => event.verdict.cause === "draining" && event.holder,
    reaction: (facts) => ({
      state: remember(facts),
      effects: [{ do: "block-clients", holder: facts.event.holder }],
    }),
  },
  {
    when: "otherwise: let clients in, should they be blocked, then tell Keepalived",
    fits: () => true,
    reaction: (facts) => ({
      state: remember(facts),
      effects: [{ do: "unblock-clients", holder: facts.event.holder }],
    }),
  },
];

/** Our replica was parked a moment ago by ourselves: that isn't held against this node. */
const justParked = ({ state: { health, local }, now }: AgentFacts): boolean =>
  health.told === 1 && health.verdict?.cause === "not-following" && now.at_s - local.parked_s < parkedGrace_s;

const told = ({ state, now }: AgentFacts, healthy: boolean) =>
  ({ do: "tell-health", fit: healthy && !state.local.down && !now.draining ? 1 : 0 }) as const;

/** The verdict as Keepalived and the log hear it. */
export const tellHealth: readonly AgentRow<Set_>[] = [
  {
    when: "our replica was parked less than 1 s ago, and follows again if its master lives: still fit, and not in the log",
    fits: justParked,
    reaction: (facts) => ({ effects: [told(facts, true)] }),
  },
  {
    when: "tell Keepalived the verdict (unfit while the local Redis is gone, or the node is drained), and log a change of it",
    fits: () => true,
    reaction: (facts) => {
      const { verdict, unlogged } = facts.state.health;
      const effect = told(facts, verdict?.healthy === true);
      if (!unlogged) return { effects: [effect] };
      return {
        state: { health: { ...facts.state.health, unlogged: undefined } },
        effects: [effect, { do: "log", event: "verdict", ...unlogged }],
      };
    },
  },
];

export const checkSoon: readonly AgentRow<Set_>[] = [
  {
    when: "unfit because it loads or copies: check again in 0.1 s",
    fits: ({ state: { health } }) => health.verdict?.healthy === false && nearlyFit.has(health.verdict.cause),
    reaction: () => ({ effects: [{ do: "check", after_ms: checkAgain_ms }] }),
  },
  { when: "otherwise: with the next second", fits: () => true, reaction: () => ({}) },
];

export const healthTold: readonly AgentRow<Extract<AgentEvent, { on: "health-told" }>>[] = [
  {
    when: "the same as before: nothing",
    fits: ({ state, event }) => state.health.told === event.fit,
    reaction: () => ({}),
  },
  {
    when: "remember since when Keepalived knows it",
    fits: () => true,
    reaction: ({ state, event, now }) => ({
      state: { health: { ...state.health, told: event.fit, told_s: now.at_s } },
    }),
  },
];
