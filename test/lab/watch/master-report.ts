/** What a look at one Redis can see. silent: it is there and says nothing, as when it hangs. */
export type Seen = "writable master" | "fenced master" | "replica" | "silent" | "none";

export interface Change {
  at_ms: number;
  server: string;
  seen: Seen;
}

export interface Span {
  start_ms: number;
  end_ms: number;
  masters: string[];
}

/** Who was what, and when; times are monotonic and as fine as the watch looked. */
export class MasterReport {
  readonly changes: readonly Change[];
  /** From each change to the next one: the servers that would have taken a write. */
  readonly spans: readonly Span[];

  constructor(changes: readonly Change[], end_ms: number) {
    this.changes = [...changes].sort((one, other) => one.at_ms - other.at_ms);
    const state = new Map<string, Seen>();
    this.spans = this.changes.map(({ at_ms, server, seen }, index) => {
      state.set(server, seen);
      const masters = [...state].filter(([, now]) => now === "writable master").map(([name]) => name);
      return { start_ms: at_ms, end_ms: this.changes[index + 1]?.at_ms ?? end_ms, masters };
    });
  }

  /** The time during which more than one server would have taken a write. */
  get twoMasters_ms(): number {
    return this.#sum((masters) => masters > 1);
  }

  /** The time during which none would have, from the first master on. */
  get noMaster_ms(): number {
    const first = this.spans.findIndex(({ masters }) => masters.length > 0);
    return this.#sum((masters, index) => masters === 0 && first >= 0 && index > first);
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

  #sum(counts: (masters: number, index: number) => boolean): number {
    return this.spans
      .filter(({ masters }, index) => counts(masters.length, index))
      .reduce((sum, { start_ms, end_ms }) => sum + end_ms - start_ms, 0);
  }
}
