import type { Observation } from "../model/observation.ts";

// While nobody writes, a Redis is asked so often at most: waking up is most of what an agent costs (0.35 ms a question, measured).
const idle_ms = 100;
// To who leads, a peer that hangs is that one's own business: only a broken connection is urgent, and that needs no asking.
const peers_ms = 1000;
// Between two looks, a second. A master's own PINGs to its replicas are 14 bytes in ten seconds.
const fewBytes = 100;

/**
 * How often each Redis is asked whether it still answers. Who follows must know that its master hangs when it is told to take
 * over, and not find out then, for another time-out: so it asks as often as the master asks itself.
 */
export class Pace {
  readonly #leads: () => boolean;
  #offset = 0;
  #busy = false;

  constructor(leads: () => boolean) {
    this.#leads = leads;
  }

  /** Told of each look at our own Redis: the history of a replica grows with its master's. */
  looked(seen: Observation | undefined): void {
    if (seen?.kind !== "observed") return;
    const { offset } = seen.history;
    this.#busy = Math.abs(offset - this.#offset) > fewBytes;
    this.#offset = offset;
  }

  /**
   * A replica that stands still keeps nobody waiting, and a false alarm costs it dear: parked, it may need a full copy
   * (1 GB: 13 s in which nobody could take over; one of 400 short sleeps on a busy host, npm run soak).
   */
  get patient(): boolean {
    return !this.#leads();
  }

  /** From one question to the next, to our own Redis or to a peer's. */
  pause_ms(own: boolean, interval_ms: number): number {
    if (!own && this.#leads()) return Math.max(interval_ms, peers_ms);
    return this.#busy ? interval_ms : Math.max(interval_ms, idle_ms);
  }
}
