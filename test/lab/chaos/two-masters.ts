import { certainIntervals, type Interval, intersection } from "../watch/intervals.ts";
import type { MasterReport } from "../watch/master-report.ts";
import type { RedisRun } from "./redis-runs.ts";

/** The time with two writable masters that could reach each other. */
export interface TwoMasters {
  /** The longest such time after a second master arose while the servers were connected. */
  whileConnected_ms: number;
  /** The longest such time after a reconnection, where the second master arose while they were disconnected. */
  afterReconnect_ms: number;
}

/**
 * `sawBefore_ms`: a second master that is found so soon after a reconnection was decided on before it.
 *
 * Only the time is counted in which both sources agree: MasterWatch, whose writes were accepted, and the samples of each server,
 * which was certainly a master from its first such reply to its last such request. The time between two readings is not counted.
 */
export function twoMasters(
  masters: MasterReport,
  runs: readonly RedisRun[],
  connected: readonly Interval[],
  sawBefore_ms: number,
): TwoMasters {
  const longest: TwoMasters = { whileConnected_ms: 0, afterReconnect_ms: 0 };
  for (const two of certainlyTwo(runs)) {
    for (const interval of connected) {
      const writable = intersection(masters.two, intersection([two], [interval]));
      const first = writable[0];
      const last = writable.at(-1);
      if (!first || !last) continue;
      if (two.start_ms < interval.start_ms + sawBefore_ms)
        longest.afterReconnect_ms = Math.max(longest.afterReconnect_ms, last.end_ms - interval.start_ms);
      else longest.whileConnected_ms = Math.max(longest.whileConnected_ms, last.end_ms - first.start_ms);
    }
  }
  return longest;
}

function certainlyTwo(runs: readonly RedisRun[]): Interval[] {
  const asMaster = runs.map(({ server, samples }) => ({
    server,
    intervals: certainIntervals(samples.map(({ master, ...times }) => ({ ...times, holds: master }))),
  }));
  return asMaster.flatMap((one, index) =>
    asMaster
      .slice(index + 1)
      .filter(({ server }) => server !== one.server)
      .flatMap((other) => intersection(one.intervals, other.intervals)),
  );
}
