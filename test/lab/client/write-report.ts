import type { Acknowledgements } from "./acknowledgements.ts";

/** A time without an acknowledged write, in monotonic milliseconds. */
export interface Gap {
  ms: number;
  start_ms: number;
  end_ms: number;
}

/** The results of one writer. */
export class WriteReport {
  readonly acknowledgements: Acknowledgements;
  readonly keyPrefix: string;
  readonly db: number;
  readonly valueBytes: number;
  /** The number of failures by kind: an error code of the system or of Redis, "connect time-out", "reply time-out", "closed". */
  readonly errors: Record<string, number>;
  readonly #servers: readonly string[];

  constructor(
    acknowledgements: Acknowledgements,
    { keyPrefix, db, valueBytes }: { keyPrefix: string; db: number; valueBytes: number },
    errors: Record<string, number>,
    servers: readonly string[],
  ) {
    this.acknowledgements = acknowledgements;
    this.keyPrefix = keyPrefix;
    this.db = db;
    this.valueBytes = valueBytes;
    this.errors = errors;
    this.#servers = servers;
  }

  /** The run id of the Redis that acknowledged this write. */
  runIdOf(index: number): string {
    return this.#servers[this.acknowledgements.server(index)] ?? "";
  }

  get acknowledged(): number {
    return this.acknowledgements.count;
  }

  /** The longest time between two acknowledgements. */
  get longestGap(): Gap {
    const { acknowledgements: acks } = this;
    let longest: Gap = { ms: 0, start_ms: 0, end_ms: 0 };
    for (let index = 1; index < acks.count; index++) {
      const [start_ms, end_ms] = [acks.time_ms(index - 1), acks.time_ms(index)];
      if (end_ms - start_ms > longest.ms) longest = { ms: end_ms - start_ms, start_ms, end_ms };
    }
    return longest;
  }

  /** The time from a moment (`monotonic_ms`) to the next acknowledged write; Infinity if there was none. */
  firstAfter(moment_ms: number): number {
    const { acknowledgements: acks } = this;
    for (let index = 0; index < acks.count; index++) {
      if (acks.time_ms(index) > moment_ms) return acks.time_ms(index) - moment_ms;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Acknowledged writes a second, from the first to the last one. */
  get writesPerSecond(): number {
    const { acknowledgements: acks } = this;
    const seconds = (acks.last_ms - acks.time_ms(0)) / 1000;
    return seconds > 0 ? (acks.count - 1) / seconds : 0;
  }
}
