/**
 * Runs one check at a time. All requests during a check are answered by one more check after it, since the running one may have
 * read Redis before the event that caused the request.
 */
export class CheckLoop {
  readonly #check: (addresses: string[] | undefined) => Promise<void>;
  #running = false;
  #again = false;
  #stopped = false;
  #later: NodeJS.Timeout | undefined;

  /** `check` never rejects. It gets the addresses of this host if they were read just now. */
  constructor(check: (addresses: string[] | undefined) => Promise<void>) {
    this.#check = check;
  }

  request(after_ms = 0, addresses?: string[]): void {
    if (after_ms > 0) {
      clearTimeout(this.#later);
      this.#later = setTimeout(() => this.request(), after_ms);
      return;
    }
    this.#again = true;
    if (!this.#running) void this.#run(addresses);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#later);
  }

  async #run(addresses: string[] | undefined): Promise<void> {
    this.#running = true;
    for (let known = addresses; this.#again && !this.#stopped; known = undefined) {
      this.#again = false;
      await this.#check(known);
    }
    this.#running = false;
  }
}
