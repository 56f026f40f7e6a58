import type { AgentEvent, AgentFacts, AgentNow, AgentRow, AgentState, Reaction } from "../../model/agent.ts";
import type { Transition } from "../../model/transition.ts";
import { considerFence, fenceSet, stopping, surroundingsRead } from "./elastic-fence.ts";
import { blockedToDrain, drainFailed, failback, preferredRead } from "./failback.ts";
import { checked, checkSoon, healthTold, tellHealth } from "./health.ts";
import { linkBack, linkBroke, linkGone } from "./links.ts";
import { localParked, localRead } from "./local-redis.ts";
import { otherMasterLooked, repairDue, soleMaster } from "./other-master.ts";
import { announcementEnded, announceReady } from "./ready.ts";
import { roleChangeEnded } from "./role-change.ts";
import { fifoClosed, keepalivedHangs, keepalivedWatched, steppedDown } from "./step-down.ts";
import { faultThoughFit, keepalivedDead, missedLine, vrrpLine } from "./vrrp.ts";

type Tables = { [On in AgentEvent["on"]]: readonly (readonly AgentRow<Extract<AgentEvent, { on: On }>>[])[] };

const checkEachSecond: readonly AgentRow<Extract<AgentEvent, { on: "second" }>>[] = [
  { when: "check the health of this node", fits: () => true, reaction: () => ({ effects: [{ do: "check" }] }) },
];

/** The tables of each event, in order. In each table the first row that fits is applied. */
export const agentTables: Tables = {
  "vrrp-line": [vrrpLine, faultThoughFit],
  "fifo-closed": [fifoClosed],
  "keepalived-watched": [keepalivedWatched],
  "stepped-down": [steppedDown],
  second: [missedLine, checkEachSecond, keepalivedHangs, soleMaster, keepalivedDead, announceReady],
  "link-broke": [linkBroke],
  "link-gone": [linkGone],
  "link-back": [linkBack],
  "local-read": [localRead],
  "local-parked": [localParked],
  checked: [checked],
  "client-access-set": [tellHealth, checkSoon, failback, considerFence],
  "health-told": [healthTold],
  "repair-due": [repairDue],
  "other-master-looked": [otherMasterLooked],
  "role-change-ended": [roleChangeEnded],
  "preferred-read": [preferredRead],
  "announcement-ended": [announcementEnded],
  "blocked-to-drain": [blockedToDrain],
  "drain-failed": [drainFailed],
  "surroundings-read": [surroundingsRead],
  "fence-set": [fenceSet],
  stopping: [stopping],
};

/** The state of an agent at its start. `vrrp` is the last transition that a hook was started for. */
export const atStart = (vrrp: Transition | undefined): AgentState => ({
  vrrp,
  roleChange: {},
  local: { seen: undefined, runId: undefined, down: false, parked_s: Number.NEGATIVE_INFINITY, busy: false },
  health: { verdict: undefined, unlogged: undefined, told: undefined, told_s: 0 },
  repaired_s: Number.NEGATIVE_INFINITY,
  stepDown: { underWay: false, staysLogged: false },
  keepalivedDead: { since_s: undefined, logged: false },
  fence: { on: undefined, runId: "", asking: false },
  failback: { syncedSince_s: undefined, drainingSince_s: undefined, notBefore_s: 0, givenUp: 0 },
  readyAnnounced: false,
});

/** (state, event) -> (next state, effects). What runs the effects decides nothing. */
export function react(state: AgentState, now: AgentNow, event: AgentEvent): Required<Reaction> & { state: AgentState } {
  let next = state;
  const effects: Required<Reaction>["effects"] = [];
  // In maintenance an operator is responsible: the agent corrects nothing.
  if (event.on === "second" && now.maintenance) return { state, effects };
  const tables = agentTables[event.on] as readonly (readonly AgentRow[])[];
  for (const table of tables) {
    const facts: AgentFacts = { state: next, now, event };
    const reaction = table.find(({ fits }) => fits(facts))?.reaction(facts) ?? {};
    next = { ...next, ...reaction.state };
    effects.push(...(reaction.effects ?? []));
  }
  return { state: next, effects };
}
