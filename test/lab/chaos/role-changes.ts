import type { Interval } from "../watch/intervals.ts";
import type { StateChange } from "../watch/master-report.ts";
import type { Serving } from "./serving.ts";
import type { Touch } from "./untouched.ts";

export interface RoleChange {
  at_ms: number;
  from: string;
  to: string;
}

/** The moments at which another server began to serve. A master that only held writes back for a while has not changed. */
export function roleChanges(served: readonly Serving[], changes: readonly StateChange[]): RoleChange[] {
  const found: RoleChange[] = [];
  const servedUntil_ms = new Map<string, number>();
  let last: string | undefined;
  for (const { server, start_ms, end_ms } of served) {
    const before_ms = servedUntil_ms.get(server);
    const wasReplica = changes.some(
      ({ server: one, at_ms, state }) =>
        one === server &&
        at_ms >= (before_ms ?? 0) &&
        at_ms <= start_ms &&
        state !== "writable master" &&
        state !== "fenced master" &&
        state !== "silent",
    );
    if (last !== undefined && last !== server && (before_ms === undefined || wasReplica))
      found.push({ at_ms: start_ms, from: last, to: server });
    last = server;
    servedUntil_ms.set(server, end_ms);
  }
  return found;
}

/** How long after a fault a role change still is its consequence. */
const reaction_ms = 5000;
const calm_ms = 10_000;

/**
 * The role changes that no fault explains and that came within ten seconds after another one: the role goes to and fro. Each event
 * explains one change; while an operator's command ran, `typed`, all are explained.
 */
export function withoutCause(
  all: readonly RoleChange[],
  events_ms: readonly number[],
  typed: readonly Interval[] = [],
): RoleChange[] {
  const unused = [...events_ms].sort((one, other) => one - other);
  return all.filter(({ at_ms }, index) => {
    if (typed.some(({ start_ms, end_ms }) => start_ms <= at_ms && at_ms <= end_ms)) return false;
    const cause = unused.findIndex((event_ms) => event_ms <= at_ms && at_ms - event_ms <= reaction_ms);
    if (cause >= 0) unused.splice(cause, 1);
    const before = all[index - 1];
    return cause < 0 && before !== undefined && at_ms - before.at_ms < calm_ms;
  });
}

/** When links between the servers were cut: each side may change by itself, so a cut is one event more. */
export const cutsBetween = (touches: readonly Touch[]): number[] =>
  touches.filter(({ kind }) => kind.startsWith("cut-") && kind !== "cut-from-client").map(({ at_ms }) => at_ms);
