import type { RedisRun, Sample } from "./redis-runs.ts";

/** Why a write is on no node and in no dump. `ended_ms`: when the server that acknowledged it was ended. */
export type LossCause = { cause: string; ended_ms: number } | { unexplained: string };

interface Parent {
  id: string;
  until: number;
  /** The new history contains the whole parent, although its offsets do not show that. */
  whole?: boolean;
}

// The longest time from a write to its acknowledgement: the reply time-out of the writer.
const reply_ms = 250;

/**
 * Tells the losses that asynchronous replication allows from all others. An acknowledged write may be lost only if the test ended
 * the Redis that acknowledged it, if that Redis had the history of the write until then, and if no Redis that was not ended is
 * known to have had the write. The last means: it was acknowledged after the last sample in which that Redis was not ahead of the
 * highest offset in its history that any surviving Redis was seen at. Cuts, planned moves and killed hooks allow no loss.
 */
export class LossCauses {
  readonly #runs: readonly RedisRun[];
  readonly #parents = new Map<string, Parent>();
  readonly #safe = new Map<string, number>();

  constructor(runs: readonly RedisRun[]) {
    this.#runs = runs.filter(({ samples }) => samples.length > 0);
    for (const { samples } of this.#runs) {
      for (const { id, previous } of samples) if (previous && previous.id !== id) this.#parents.set(id, previous);
      samples.forEach((sample, index) => {
        const before = samples[index - 1];
        // The first replica of a master without a backlog makes that master draw a new id for the same data.
        if (before?.master && !before.offsetCounts && sample.master && sample.id !== before.id && !sample.previous)
          this.#parents.set(sample.id, { id: before.id, until: before.offset, whole: true });
      });
    }
  }

  /** The test has ended a Redis in this round. */
  get anyEnded(): boolean {
    return this.#runs.some(({ crash }) => crash !== undefined);
  }

  /** The cause for a write that this Redis acknowledged at this moment. */
  ofWrite(at_ms: number, runId: string): LossCause {
    const run = this.#runs.find((one) => one.runId === runId);
    return run ? this.#causeIn(run, at_ms) : { unexplained: "it was acknowledged by an unknown server" };
  }

  /** The cause for a write of an earlier round, which all servers had when this round began. */
  ofOldWrite(start_ms: number): LossCause {
    const masters = this.#runs.filter(({ samples, crash }) => {
      const then = lastBefore(samples, start_ms);
      return then?.master && !(crash && crash.at_ms < start_ms) && start_ms - then.answered_ms < 1000;
    });
    const [master] = masters;
    return master ? this.#causeIn(master, start_ms) : { unexplained: "there was no master when the round began" };
  }

  #causeIn(run: RedisRun, at_ms: number): LossCause {
    const { server, number, crash, samples } = run;
    const name = `${server} (its Redis no. ${number})`;
    const then = lastBefore(samples, at_ms) ?? (samples[0] as Sample);
    const next = samples.find(({ asked_ms }) => asked_ms >= at_ms);
    const history = then.master || !next ? then.id : next.id;
    if (!crash) return { unexplained: `${name} acknowledged it, and the test did not end that Redis` };
    if (crash.at_ms + reply_ms < at_ms) return { unexplained: `${name} had ended before the write` };
    const last = samples.at(-1) as Sample;
    if ((this.#offsetIn(last, history) ?? -1) < (this.#offsetIn(then, history) ?? 0))
      return { unexplained: `${name} acknowledged it, and had replaced its data set before it ended` };
    const safe_ms = this.#safeUntil(run, history);
    if (at_ms <= safe_ms) {
      return {
        unexplained: `${name} acknowledged it, but ${this.#mostAdvanced(history).who} had it and was not ended`,
      };
    }
    const others = this.#runs.filter((other) => other !== run && other.crash && other.server !== server);
    const alsoThere = others.some((other) => this.#timeOf(run, history, this.#highestOffset(other, history)) >= at_ms);
    const cause = alsoThere ? `on two servers, both ended: ${crash.cause}` : `in flight: ${crash.cause}`;
    return { cause, ended_ms: crash.at_ms };
  }

  /** Everything that this Redis acknowledged until this time is known to have been on a Redis that was not ended. */
  #safeUntil(run: RedisRun, history: string): number {
    const key = `${run.server} ${run.number} ${history}`;
    const known = this.#safe.get(key);
    if (known !== undefined) return known;
    const safe_ms = this.#timeOf(run, history, this.#mostAdvanced(history).offset);
    this.#safe.set(key, safe_ms);
    return safe_ms;
  }

  /** The last time at which this Redis was not ahead of this offset. */
  #timeOf({ samples }: RedisRun, history: string, offset: number): number {
    let latest = Number.NEGATIVE_INFINITY;
    for (const sample of samples) {
      const own = this.#offsetIn(sample, history);
      if (sample.id !== history || own === undefined || (!sample.offsetCounts && offset < Number.POSITIVE_INFINITY))
        continue;
      if (own <= offset) latest = Math.max(latest, sample.asked_ms);
    }
    return latest;
  }

  /** The Redis with the highest offset in a history, of those that were not ended. */
  #mostAdvanced(history: string): { who: string; offset: number } {
    let best = { who: "none", offset: -1 };
    for (const run of this.#runs) {
      const offset = this.#highestOffset(run, history);
      if (run.crash || this.#endedLater(run, history, offset)) continue;
      if (offset > best.offset) best = { who: `${run.server} (its Redis no. ${run.number})`, offset };
    }
    return best;
  }

  /** A later Redis of the same server loaded what this one had saved, and still had it when the test ended it. */
  #endedLater(run: RedisRun, history: string, offset: number): boolean {
    return this.#runs.some(({ server, number, crash, samples }) => {
      if (!crash || server !== run.server || number <= run.number) return false;
      return (this.#offsetIn(samples.at(-1) as Sample, history) ?? -1) >= offset;
    });
  }

  #highestOffset({ samples }: RedisRun, history: string): number {
    return samples.reduce((highest, sample) => Math.max(highest, this.#offsetIn(sample, history) ?? -1), -1);
  }

  /** The offset up to which a data set contains a history. Undefined if it is not known to contain any of it. */
  #offsetIn(sample: Sample, history: string): number | undefined {
    let at = { id: sample.id, until: sample.offset };
    for (let steps = 0; steps < 50; steps++) {
      if (at.id === history) return at.until;
      const parent = this.#parents.get(at.id);
      if (!parent) return undefined;
      const all = parent.whole && parent.id === history;
      at = { id: parent.id, until: all ? Number.POSITIVE_INFINITY : Math.min(at.until, parent.until) };
    }
    return undefined;
  }
}

const lastBefore = (samples: readonly Sample[], at_ms: number): Sample | undefined => {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle] as Sample).answered_ms <= at_ms) low = middle + 1;
    else high = middle;
  }
  return samples[low - 1];
};
