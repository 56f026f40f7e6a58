export interface Interval {
  start_ms: number;
  end_ms: number;
}

/** One reading of a condition. The condition held, or did not, at some moment between the two times. */
export interface Reading {
  holds: boolean;
  asked_ms: number;
  answered_ms: number;
}

/** The intervals in which the condition certainly held. The time between two different readings is not counted. */
export function certainIntervals(readings: Iterable<Reading>): Interval[] {
  const intervals: Interval[] = [];
  let interval: Interval | undefined;
  for (const { holds, asked_ms, answered_ms } of readings) {
    if (!holds) interval = undefined;
    else if (interval) interval.end_ms = asked_ms;
    else {
      interval = { start_ms: answered_ms, end_ms: answered_ms };
      intervals.push(interval);
    }
  }
  return intervals.filter(({ start_ms, end_ms }) => end_ms > start_ms);
}

export function union(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const { start_ms, end_ms } of [...intervals].sort((one, other) => one.start_ms - other.start_ms)) {
    const last = result.at(-1);
    if (last && start_ms <= last.end_ms) last.end_ms = Math.max(last.end_ms, end_ms);
    else result.push({ start_ms, end_ms });
  }
  return result;
}

export const intersection = (some: readonly Interval[], others: readonly Interval[]): Interval[] =>
  some.flatMap((one) =>
    others
      .map((other) => ({
        start_ms: Math.max(one.start_ms, other.start_ms),
        end_ms: Math.min(one.end_ms, other.end_ms),
      }))
      .filter(({ start_ms, end_ms }) => end_ms > start_ms),
  );
