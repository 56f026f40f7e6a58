import { certainIntervals, type Interval, intersection, union } from "../watch/intervals.ts";
import type { RedisState, StateChange } from "../watch/master-report.ts";
import type { ServingReport } from "./serving-watch.ts";

/** The time in which a server was a writable master with the virtual IP. */
export interface Serving extends Interval {
  server: string;
}

/** The time in which a server was in one of these states. */
export function timeIn(
  changes: readonly StateChange[],
  server: string,
  states: readonly RedisState[],
  end_ms: number,
): Interval[] {
  const own = changes.filter((change) => change.server === server);
  return union(
    own.flatMap(({ at_ms, state }, index) =>
      states.includes(state) ? [{ start_ms: at_ms, end_ms: own[index + 1]?.at_ms ?? end_ms }] : [],
    ),
  );
}

/** Who served when, in the order of time. */
export function servings(changes: readonly StateChange[], { vip }: ServingReport, end_ms: number): Serving[] {
  const all = [...vip].flatMap(([server, readings]) => {
    const writable = timeIn(changes, server, ["writable master"], end_ms);
    return intersection(writable, certainIntervals(readings)).map((interval) => ({ ...interval, server }));
  });
  return all.sort((one, other) => one.start_ms - other.start_ms);
}

// A new connection reads a moment later than the others that the server was restarted.
const readingTime_ms = 200;

/** The longest time, until an operator allows it, in which data was served that lacks what all servers had when the round began. */
export function oldDataServed(
  served: readonly Serving[],
  { lacksOld }: ServingReport,
  allowed_ms = Number.POSITIVE_INFINITY,
): Serving | undefined {
  const before = { start_ms: 0, end_ms: allowed_ms };
  const all = served.flatMap(({ server, ...interval }) =>
    intersection(intersection([interval], [before]), certainIntervals(lacksOld.get(server) ?? [])).map((found) => ({
      ...found,
      server,
    })),
  );
  const [longest] = all.sort((one, other) => length(other) - length(one));
  return longest && length(longest) > readingTime_ms ? longest : undefined;
}

export const length = ({ start_ms, end_ms }: Interval): number => end_ms - start_ms;

/** The part of an interval that is in none of the others. */
export function without(whole: Interval, others: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let from_ms = whole.start_ms;
  for (const { start_ms, end_ms } of union(others)) {
    if (end_ms <= from_ms) continue;
    if (start_ms > from_ms) left.push({ start_ms: from_ms, end_ms: Math.min(start_ms, whole.end_ms) });
    from_ms = Math.max(from_ms, end_ms);
  }
  if (from_ms < whole.end_ms) left.push({ start_ms: from_ms, end_ms: whole.end_ms });
  return left.filter((one) => length(one) > 0);
}
