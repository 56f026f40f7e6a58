import { type Interval, intersection, union } from "../watch/intervals.ts";
import type { StateChange } from "../watch/master-report.ts";
import type { RedisRun } from "./redis-runs.ts";
import { length, type Serving, timeIn, without } from "./serving.ts";
import { type Touch, untouched } from "./untouched.ts";

export interface Outage extends Interval {
  /** It could have served all the time. */
  server: string;
}

/** The times of a round, and its faults. */
export interface Course {
  begin_ms: number;
  repaired_ms: number;
  end_ms: number;
  touches: readonly Touch[];
}

/**
 * The times in which no server was a writable master with the virtual IP, though this one answered and had all data: its Redis was
 * not restarted in this round, or was a master. Before the repair it counts only until the first fault that is for this server. The longest
 * comes first.
 */
export function outages(
  { begin_ms, repaired_ms, end_ms, touches }: Course,
  served: readonly Serving[],
  changes: readonly StateChange[],
  runs: readonly RedisRun[],
): Outage[] {
  const after = { start_ms: repaired_ms, end_ms };
  const nobody = without({ start_ms: begin_ms, end_ms }, served);
  const all = [...new Set(changes.map(({ server }) => server))].flatMap((server) => {
    const asMaster = timeIn(changes, server, ["writable master", "fenced master"], end_ms);
    const asReplica = timeIn(changes, server, ["replica"], end_ms);
    const could = union([...asMaster, ...intersection(asReplica, lifeSince(server, runs, begin_ms, end_ms))]);
    const judged = union([...untouched(server, touches, runs, { start_ms: begin_ms, end_ms: repaired_ms }), after]);
    return intersection(nobody, intersection(judged, could)).map((interval) => ({ ...interval, server }));
  });
  return all.sort((one, other) => length(other) - length(one));
}

/** The time in which a server still had the Redis, and so the data, from before the round. */
function lifeSince(server: string, runs: readonly RedisRun[], begin_ms: number, end_ms: number): Interval[] {
  return runs
    .filter((run) => run.server === server && (run.samples[0]?.asked_ms ?? begin_ms) < begin_ms)
    .map(({ crash, samples }) => ({
      start_ms: begin_ms,
      end_ms: crash?.at_ms ?? (samples.at(-1)?.answered_ms ?? end_ms) + 1000,
    }));
}
