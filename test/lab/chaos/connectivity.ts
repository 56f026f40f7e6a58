import type { Interval } from "../watch/intervals.ts";

/** Records when the servers could reach each other: no cut between them, and none of them hung. */
export class Connectivity {
  readonly #reasons = new Set<string>();
  readonly #disconnected: Interval[] = [];
  #since_ms: number | undefined;

  /** They can't reach each other until each reason was given to `restored`. */
  interrupted(reason: string, at_ms: number): void {
    this.#reasons.add(reason);
    this.#since_ms ??= at_ms;
  }

  restored(reason: string, at_ms: number): void {
    if (!this.#reasons.delete(reason) || this.#reasons.size > 0 || this.#since_ms === undefined) return;
    this.#disconnected.push({ start_ms: this.#since_ms, end_ms: at_ms });
    this.#since_ms = undefined;
  }

  isInterrupted(reason: string): boolean {
    return this.#reasons.has(reason);
  }

  /** The interruptions so far; one that lasts ends at `end_ms`. */
  interruptions(end_ms: number): Interval[] {
    return this.#since_ms === undefined
      ? this.#disconnected
      : [...this.#disconnected, { start_ms: this.#since_ms, end_ms }];
  }

  connectedIntervals(start_ms: number, end_ms: number): Interval[] {
    const gaps = this.interruptions(end_ms);
    const intervals: Interval[] = [];
    let from = start_ms;
    for (const gap of gaps) {
      if (gap.end_ms <= start_ms) continue;
      if (gap.start_ms > from) intervals.push({ start_ms: from, end_ms: Math.min(gap.start_ms, end_ms) });
      from = Math.max(from, gap.end_ms);
    }
    if (from < end_ms) intervals.push({ start_ms: from, end_ms });
    return intervals;
  }
}
