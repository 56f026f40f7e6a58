/** Acknowledged writes in order of time. Three numbers each, so a million take 24 MB. */
export class Acknowledgements {
  #count: number;
  #triples: Float64Array;

  constructor(bytes?: Uint8Array) {
    this.#triples = bytes ? new Float64Array(Uint8Array.from(bytes).buffer) : new Float64Array(3 * 4096);
    this.#count = bytes ? this.#triples.length / 3 : 0;
  }

  get count(): number {
    return this.#count;
  }

  /** The monotonic time of the last one; 0 before the first. */
  get last_ms(): number {
    return this.#count === 0 ? 0 : this.time_ms(this.#count - 1);
  }

  add(key: number, at_ms: number, server: number): void {
    if (3 * this.#count === this.#triples.length) {
      const larger = new Float64Array(2 * this.#triples.length);
      larger.set(this.#triples);
      this.#triples = larger;
    }
    this.#triples[3 * this.#count] = key;
    this.#triples[3 * this.#count + 1] = at_ms;
    this.#triples[3 * this.#count + 2] = server;
    this.#count++;
  }

  key(index: number): number {
    return this.#triples[3 * index] ?? Number.NaN;
  }

  time_ms(index: number): number {
    return this.#triples[3 * index + 1] ?? Number.NaN;
  }

  /** The server that acknowledged it, by the order in which the writer first reached the servers. */
  server(index: number): number {
    return this.#triples[3 * index + 2] ?? Number.NaN;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#triples.buffer, 0, 24 * this.#count);
  }
}
