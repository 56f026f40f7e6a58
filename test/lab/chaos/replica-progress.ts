/**
 * How long a replica that lacks what its master had stands still. One whose writes are paused has its link up, and applies nothing; one
 * that was cut off for 15 s needs seconds to apply 15 MB, and is on its way.
 */
export class ReplicaProgress {
  readonly #target: number;
  #offsets: readonly number[];
  #moved_ms: number[];
  stopped_ms = 0;

  /** `offset` is that of the master. */
  constructor(offset: number, offsets: readonly number[], now_ms: number) {
    this.#target = offset;
    this.#offsets = offsets;
    this.#moved_ms = offsets.map(() => now_ms);
  }

  /** Returns whether all have what the master had. */
  see(offsets: readonly number[], now_ms: number): boolean {
    for (const [index, offset] of offsets.entries()) {
      if (offset > (this.#offsets[index] ?? 0) || offset >= this.#target) this.#moved_ms[index] = now_ms;
      this.stopped_ms = Math.max(this.stopped_ms, now_ms - (this.#moved_ms[index] ?? now_ms));
    }
    this.#offsets = offsets;
    return offsets.every((offset) => offset >= this.#target);
  }
}
