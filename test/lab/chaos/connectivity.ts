import type { MasterReport } from "../watch/master-report.ts";
import { both, type Span, surely } from "../watch/span.ts";
import type { Life } from "./samples.ts";

/** When the servers could see each other: no cut between them, none hung. */
export class Contact {
  readonly #reasons = new Set<string>();
  readonly #apart: Span[] = [];
  #since_ms: number | undefined;

  lost(reason: string, at_ms: number): void {
    this.#reasons.add(reason);
    this.#since_ms ??= at_ms;
  }

  regained(reason: string, at_ms: number): void {
    if (!this.#reasons.delete(reason) || this.#reasons.size > 0 || this.#since_ms === undefined) return;
    this.#apart.push({ start_ms: this.#since_ms, end_ms: at_ms });
    this.#since_ms = undefined;
  }

  together(start_ms: number, end_ms: number): Span[] {
    const apart = this.#since_ms === undefined ? this.#apart : [...this.#apart, { start_ms: this.#since_ms, end_ms }];
    const spans: Span[] = [];
    let from = start_ms;
    for (const gap of apart) {
      if (gap.end_ms <= start_ms) continue;
      if (gap.start_ms > from) spans.push({ start_ms: from, end_ms: Math.min(gap.start_ms, end_ms) });
      from = Math.max(from, gap.end_ms);
    }
    if (from < end_ms) spans.push({ start_ms: from, end_ms });
    return spans;
  }
}

const look_ms = 150;

/** Time with two writable masters that could see each other. */
export interface TwoMasters {
  /** They had become two while they were in contact: the longest such time. */
  madeInContact_ms: number;
  /** They had become two apart, and met: the longest time that it took to make one of them. */
  met_ms: number;
}

/**
 * Both the watch's finding (writes are taken) and the looks at each server (surely master from its first such answer to
 * the asking of the last one) must agree, so that what lies between two looks is never counted.
 */
export function twoMasters(masters: MasterReport, lives: readonly Life[], together: readonly Span[]): TwoMasters {
  const found: TwoMasters = { madeInContact_ms: 0, met_ms: 0 };
  for (const two of certainlyTwo(lives)) {
    for (const span of together) {
      const writable = both(masters.two, both([two], [span]));
      const first = writable[0];
      const last = writable.at(-1);
      if (!first || !last) continue;
      // From the meeting on, where they met as two. A look takes its time: who is found so soon after was there then.
      const met = two.start_ms < span.start_ms + look_ms;
      if (met) found.met_ms = Math.max(found.met_ms, last.end_ms - span.start_ms);
      else found.madeInContact_ms = Math.max(found.madeInContact_ms, last.end_ms - first.start_ms);
    }
  }
  return found;
}

function certainlyTwo(lives: readonly Life[]): Span[] {
  const spans = lives.map((life) => ({
    server: life.server,
    spans: surely(life.samples.map(({ master, ...look }) => ({ ...look, so: master }))),
  }));
  return spans.flatMap((one, index) =>
    spans
      .slice(index + 1)
      .filter(({ server }) => server !== one.server)
      .flatMap((other) => both(one.spans, other.spans)),
  );
}
