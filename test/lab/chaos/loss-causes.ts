import type { Life, Sample } from "./samples.ts";

/** Why a write is on no node and in no dump. */
export type Explanation = { cause: string } | { unexplained: string };

interface Parent {
  id: string;
  until: number;
  /** Everything under the parent's id is in it, though no offset says so. */
  whole?: boolean;
}

// An acknowledgement is heard this long after the write at most: the writer gives an answer 250 ms.
const answer_ms = 250;

/**
 * What asynchronous replication can't keep, and nothing else. A write that a node acknowledged may be gone when we ended
 * that node's Redis, what it had in memory was still its history then, and no server that we left alive is known to have
 * had it: it was acknowledged after the last look at which the node was no further than the furthest place in its
 * history that any survivor was ever seen at. Ends by a cut, a planned move or a killed hook explain nothing.
 */
export class Explanations {
  readonly #lives: readonly Life[];
  readonly #parents = new Map<string, Parent>();
  readonly #safe = new Map<string, number>();

  constructor(lives: readonly Life[]) {
    this.#lives = lives.filter(({ samples }) => samples.length > 0);
    for (const { samples } of this.#lives) {
      for (const { id, previous } of samples) if (previous && previous.id !== id) this.#parents.set(id, previous);
      samples.forEach((sample, index) => {
        const before = samples[index - 1];
        // The first replica of a master without a backlog: a new id for the same data, and all of it is copied.
        if (before?.master && !before.counts && sample.master && sample.id !== before.id && !sample.previous)
          this.#parents.set(sample.id, { id: before.id, until: before.offset, whole: true });
      });
    }
  }

  /** A write that this Redis acknowledged at this moment. */
  ofWrite(at_ms: number, runId: string): Explanation {
    const life = this.#lives.find((one) => one.runId === runId);
    return life ? this.#goneWith(life, at_ms) : { unexplained: "no server that we know acknowledged it" };
  }

  /** A write of an earlier round, which all servers had when this round began. */
  ofOldWrite(start_ms: number): Explanation {
    const masters = this.#lives.filter(({ samples, crash }) => {
      const then = lastBefore(samples, start_ms);
      return then?.master && !(crash && crash.at_ms < start_ms) && start_ms - then.answered_ms < 1000;
    });
    const [master] = masters;
    return master ? this.#goneWith(master, start_ms) : { unexplained: "there was no master when the round began" };
  }

  #goneWith(life: Life, at_ms: number): Explanation {
    const { server, number, crash, samples } = life;
    const name = `${server} (its Redis no. ${number})`;
    const then = lastBefore(samples, at_ms) ?? (samples[0] as Sample);
    const next = samples.find(({ asked_ms }) => asked_ms >= at_ms);
    const history = then.master || !next ? then.id : next.id;
    if (!crash) return { unexplained: `${name} acknowledged it, and its Redis was never ended` };
    if (crash.at_ms + answer_ms < at_ms) return { unexplained: `${name} had ended before` };
    const last = samples.at(-1) as Sample;
    if ((this.#reach(last, history) ?? -1) < (this.#reach(then, history) ?? 0))
      return { unexplained: `${name} acknowledged it, and had given its data set up before it ended` };
    const safe_ms = this.#safeUntil(life, history);
    if (at_ms <= safe_ms) {
      return {
        unexplained: `${name} acknowledged it, but ${this.#furthest(history).who} had it and was never ended`,
      };
    }
    const others = this.#lives.filter((other) => other !== life && other.crash && other.server !== server);
    const alsoThere = others.some((other) => this.#timeOf(life, history, this.#most(other, history)) >= at_ms);
    return { cause: alsoThere ? `on two servers, both ended: ${crash.cause}` : `in flight: ${crash.cause}` };
  }

  /** Until when everything that this life acknowledged is known to have been on a server that we never ended. */
  #safeUntil(life: Life, history: string): number {
    const key = `${life.server} ${life.number} ${history}`;
    const known = this.#safe.get(key);
    if (known !== undefined) return known;
    const safe_ms = this.#timeOf(life, history, this.#furthest(history).offset);
    this.#safe.set(key, safe_ms);
    return safe_ms;
  }

  #timeOf({ samples }: Life, history: string, offset: number): number {
    let latest = Number.NEGATIVE_INFINITY;
    for (const sample of samples) {
      const reach = this.#reach(sample, history);
      if (sample.id !== history || reach === undefined || (!sample.counts && offset < Number.POSITIVE_INFINITY))
        continue;
      if (reach <= offset) latest = Math.max(latest, sample.asked_ms);
    }
    return latest;
  }

  #furthest(history: string): { who: string; offset: number } {
    let best = { who: "nobody", offset: -1 };
    for (const life of this.#lives) {
      const offset = this.#most(life, history);
      if (life.crash || this.#endedLater(life, history, offset)) continue;
      if (offset > best.offset) best = { who: `${life.server} (its Redis no. ${life.number})`, offset };
    }
    return best;
  }

  /** A later Redis of the same server began with what this one saved, and had it still when we ended it. */
  #endedLater(life: Life, history: string, offset: number): boolean {
    return this.#lives.some(({ server, number, crash, samples }) => {
      if (!crash || server !== life.server || number <= life.number) return false;
      return (this.#reach(samples.at(-1) as Sample, history) ?? -1) >= offset;
    });
  }

  #most({ samples }: Life, history: string): number {
    return samples.reduce((most, sample) => Math.max(most, this.#reach(sample, history) ?? -1), -1);
  }

  /** How much of a history is in a data set: up to which offset. Undefined: none that is known. */
  #reach(sample: Sample, history: string): number | undefined {
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
