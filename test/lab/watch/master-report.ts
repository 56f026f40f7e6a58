import { both, joined, type Sighting, type Span, surely } from "./span.ts";

/** What a look at one Redis can see. silent: it is there and says nothing, as when it hangs. */
export type Seen = "writable master" | "fenced master" | "replica" | "silent" | "none";

export interface Change {
  at_ms: number;
  server: string;
  seen: Seen;
}

/** Who would have taken a write from one change to the next. */
interface Masters extends Span {
  masters: string[];
}

/** Who was what, and when; times are monotonic and as fine as the watch looked. */
export class MasterReport {
  readonly changes: readonly Change[];
  /** More than one server would surely have taken a write. */
  readonly two: readonly Span[];
  readonly #spans: readonly Masters[];

  /** `writable`: each look at each server. */
  constructor(changes: readonly Change[], writable: ReadonlyMap<string, readonly Sighting[]>, end_ms: number) {
    const masters = [...writable.values()].map(surely);
    this.two = joined(masters.flatMap((one, index) => masters.slice(index + 1).flatMap((other) => both(one, other))));
    this.changes = [...changes].sort((one, other) => one.at_ms - other.at_ms);
    const state = new Map<string, Seen>();
    this.#spans = this.changes.map(({ at_ms, server, seen }, index) => {
      state.set(server, seen);
      const masters = [...state].filter(([, now]) => now === "writable master").map(([name]) => name);
      return { start_ms: at_ms, end_ms: this.changes[index + 1]?.at_ms ?? end_ms, masters };
    });
  }

  /** The time during which more than one server would have taken a write. */
  get twoMasters_ms(): number {
    return this.two.reduce((sum, { start_ms, end_ms }) => sum + end_ms - start_ms, 0);
  }

  /** The time during which none would have, from the first master on. */
  get noMaster_ms(): number {
    const first = this.#spans.findIndex(({ masters }) => masters.length > 0);
    return this.#spans
      .filter(({ masters }, index) => masters.length === 0 && first >= 0 && index > first)
      .reduce((sum, { start_ms, end_ms }) => sum + end_ms - start_ms, 0);
  }

  /** One line a change, in milliseconds since the first one. */
  toString(): string {
    const [first] = this.changes;
    return this.changes
      .map(
        ({ at_ms, server, seen }) => `${(at_ms - (first?.at_ms ?? 0)).toFixed(0).padStart(7)} ms  ${server}  ${seen}`,
      )
      .join("\n");
  }
}
