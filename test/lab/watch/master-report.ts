import { certainIntervals, type Interval, intersection, type Reading, union } from "./intervals.ts";

/** The state of one Redis. silent: it runs and does not answer, for example because it hangs. none: it does not run. */
export type RedisState = "writable master" | "fenced master" | "replica" | "silent" | "none";

export interface StateChange {
  at_ms: number;
  server: string;
  state: RedisState;
}

/** The servers that would have accepted a write from one change to the next. */
interface WritableMasters extends Interval {
  masters: string[];
}

/** The states of all servers over time. Times are monotonic; the resolution is the interval of the watch. */
export class MasterReport {
  readonly changes: readonly StateChange[];
  /** The time in which more than one server would certainly have accepted a write. */
  readonly two: readonly Interval[];
  readonly #intervals: readonly WritableMasters[];

  /** `writable`: all readings of whether a server accepts writes, by server. */
  constructor(changes: readonly StateChange[], writable: ReadonlyMap<string, readonly Reading[]>, end_ms: number) {
    const masters = [...writable.values()].map(certainIntervals);
    this.two = union(
      masters.flatMap((one, index) => masters.slice(index + 1).flatMap((other) => intersection(one, other))),
    );
    this.changes = [...changes].sort((one, other) => one.at_ms - other.at_ms);
    const states = new Map<string, RedisState>();
    this.#intervals = this.changes.map(({ at_ms, server, state }, index) => {
      states.set(server, state);
      const masters = [...states].filter(([, now]) => now === "writable master").map(([name]) => name);
      return { start_ms: at_ms, end_ms: this.changes[index + 1]?.at_ms ?? end_ms, masters };
    });
  }

  /** The time in which more than one server would have accepted a write. */
  get twoMasters_ms(): number {
    return this.two.reduce((sum, { start_ms, end_ms }) => sum + end_ms - start_ms, 0);
  }

  /** The time in which no server would have accepted a write, after the first master. */
  get noMaster_ms(): number {
    const first = this.#intervals.findIndex(({ masters }) => masters.length > 0);
    return this.#intervals
      .filter(({ masters }, index) => masters.length === 0 && first >= 0 && index > first)
      .reduce((sum, { start_ms, end_ms }) => sum + end_ms - start_ms, 0);
  }

  /** One line for each change, with the milliseconds since the first one. */
  toString(): string {
    const [first] = this.changes;
    return this.changes
      .map(
        ({ at_ms, server, state }) => `${(at_ms - (first?.at_ms ?? 0)).toFixed(0).padStart(7)} ms  ${server}  ${state}`,
      )
      .join("\n");
  }
}
