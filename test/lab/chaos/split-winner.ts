import type { WriteReport } from "../client/write-report.ts";
import { certainIntervals, type Interval, intersection } from "../watch/intervals.ts";
import type { RedisRun } from "./redis-runs.ts";
import { length } from "./serving.ts";

/** Two servers were masters while they could not reach each other, and then one of them followed the other. */
interface Split {
  winner: RedisRun;
  loser: RedisRun;
  /** From the interruption to the reconnection. */
  cut: Interval;
  /** Both were masters. */
  two: Interval;
}

// Writes that were on their way, and the time between two samples.
const margin = 50;
const atOnce_ms = 500;
// A second master that arises at the reconnection is one that keeps its writes (src/redis/keeping.ts): it had resigned before.
const apart_ms = 150;
// Its own node parks a Redis that gives no answer for longer, so it has resigned (agent.timeout, monitor.timeout, and a hook to start).
const hang_ms = 1000;

/** The splits whose winner had fewer writes of clients than the loser, in words. */
export function wrongWinners(
  runs: readonly RedisRun[],
  cuts: readonly Interval[],
  reports: readonly WriteReport[],
): string[] {
  return splitsOf(runs, cuts).flatMap(({ winner, loser, cut, two }) => {
    const until = (run: RedisRun, end_ms: number) => {
      const start_ms = partedAt(run, run === winner ? loser : winner, two) ?? cut.start_ms;
      const during = { start_ms, end_ms };
      return reports.reduce((sum, report) => sum + acknowledged(report, run, during), 0);
    };
    // Some writes come between the reconnection and the decision, so both moments must say so.
    const [won, lost] = [until(winner, two.end_ms), until(loser, two.end_ms)];
    const beforehand = until(loser, cut.end_ms) - until(winner, cut.end_ms);
    // It was started from a snapshot and nobody has followed it: Redis counts only the changes since its last snapshot (docs/guarantees.md).
    const uncounted = loser.samples.some(({ asked_ms, offsetCounts }) => asked_ms >= two.start_ms && !offsetCounts);
    if (lost - won <= margin || beforehand <= margin || (uncounted && lost <= 2 * won)) return [];
    return [
      `after a split of ${Math.round(length(cut))} ms ${winner.server} stayed master with ${won} writes of clients, and ${loser.server} had ${lost}`,
    ];
  });
}

function splitsOf(runs: readonly RedisRun[], cuts: readonly Interval[]): Split[] {
  const asMaster = new Map(runs.map((run) => [run, masterIntervals(run)]));
  return runs.flatMap((one, index) =>
    runs
      .slice(index + 1)
      .filter(({ server }) => server !== one.server)
      .flatMap((other) =>
        intersection(asMaster.get(one) ?? [], asMaster.get(other) ?? []).map((two) => ({ one, other, two })),
      )
      .flatMap(({ one, other, two }) => {
        const cut = cuts.find(
          ({ start_ms, end_ms }) =>
            start_ms <= two.start_ms + atOnce_ms && end_ms > two.start_ms + apart_ms && end_ms <= two.end_ms,
        );
        const [winner, loser] = stillMaster(one, two) ? [one, other] : [other, one];
        const decided = stillMaster(winner, two) && isDemoted(loser, two);
        const resigned = cut && hungIn(loser, cut);
        return cut && decided && !resigned ? [{ winner, loser, cut, two }] : [];
      }),
  );
}

const masterIntervals = ({ samples }: RedisRun): Interval[] =>
  certainIntervals(samples.map(({ master, ...times }) => ({ ...times, holds: master })));

/**
 * Until then the other one, which was promoted out of this one's history, has its writes: a slow network holds them back before the cut, and
 * they reach a paused host during it.
 */
function partedAt(run: RedisRun, { samples }: RedisRun, two: Interval): number | undefined {
  const { previous } = samples.find(({ asked_ms, master }) => master && asked_ms >= two.start_ms) ?? {};
  return run.samples.findLast(({ id, offset }) => id === previous?.id && offset <= previous.until)?.answered_ms;
}

/** It may answer again before the reconnection, and has resigned all the same (seed 2501, round 81). */
const hungIn = ({ samples }: RedisRun, { start_ms, end_ms }: Interval): boolean =>
  samples.some(
    ({ asked_ms, answered_ms }) => asked_ms < end_ms && answered_ms > start_ms && answered_ms - asked_ms > hang_ms,
  );

const next = ({ samples }: RedisRun, { end_ms }: Interval) => samples.filter(({ asked_ms }) => asked_ms > end_ms);
const stillMaster = (run: RedisRun, two: Interval): boolean =>
  next(run, two)
    .slice(0, 3)
    .some(({ master }) => master) && !ended(run, two);
const isDemoted = (run: RedisRun, two: Interval): boolean => next(run, two)[0]?.master === false && !ended(run, two);
const ended = ({ crash }: RedisRun, { end_ms }: Interval) => crash !== undefined && crash.at_ms < end_ms + atOnce_ms;

function acknowledged(report: WriteReport, run: RedisRun, during: Interval): number {
  const { acknowledgements: acks } = report;
  let count = 0;
  for (let index = 0; index < acks.count; index++) {
    const at_ms = acks.time_ms(index);
    if (at_ms >= during.start_ms && at_ms < during.end_ms && report.runIdOf(index) === run.runId) count++;
  }
  return count;
}
