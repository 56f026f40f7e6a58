/** Acknowledged writes in the order they came in: two numbers each, so a million of them are 16 MB. */
export class Acknowledgements {
  #count: number;
  #pairs: Float64Array;

  constructor(bytes?: Uint8Array) {
    this.#pairs = bytes ? new Float64Array(Uint8Array.from(bytes).buffer) : new Float64Array(2 * 4096);
    this.#count = bytes ? this.#pairs.length / 2 : 0;
  }

  get count(): number {
    return this.#count;
  }

  /** Monotonic time of the latest one; 0 before the first. */
  get last_ms(): number {
    return this.#count === 0 ? 0 : this.time_ms(this.#count - 1);
  }

  add(key: number, at_ms: number): void {
    if (2 * this.#count === this.#pairs.length) {
      const larger = new Float64Array(2 * this.#pairs.length);
      larger.set(this.#pairs);
      this.#pairs = larger;
    }
    this.#pairs[2 * this.#count] = key;
    this.#pairs[2 * this.#count + 1] = at_ms;
    this.#count++;
  }

  key(index: number): number {
    return this.#pairs[2 * index] ?? Number.NaN;
  }

  time_ms(index: number): number {
    return this.#pairs[2 * index + 1] ?? Number.NaN;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#pairs.buffer, 0, 16 * this.#count);
  }
}
