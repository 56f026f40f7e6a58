import { setTimeout as sleep } from "node:timers/promises";

/** The step ran out of its time. */
export class TooLate extends Error {}

/** Something newer happened, or we were told to stop: whoever catches this leaves nothing half-done. */
export class Stopped extends Error {}

/** The newer thing is a transition: it decides for itself whether writes must wait, and a fence that it finds may stand. */
export class Superseded extends Stopped {
  constructor(by: string) {
    super(`superseded by ${by}`);
  }
}

/** A step must not be done, and trying again won't change that: a person has to decide. */
export class Refused extends Error {
  readonly wayOut: string;
  constructor(why: string, wayOut: string) {
    super(why);
    this.wayOut = wayOut;
  }
}

/**
 * Asks again and again until `done` gives something. Rejects with TooLate after `deadline_ms`, and with whatever
 * `proceed` throws (a newer transition, a SIGTERM), which is asked before every look.
 */
export async function until<T>(
  done: () => Promise<T | undefined | false>,
  {
    deadline_ms,
    every_ms,
    proceed,
    what,
  }: { deadline_ms: number; every_ms: number; proceed: () => void; what: string },
): Promise<T> {
  const end = performance.now() + deadline_ms;
  for (;;) {
    proceed();
    const found = await done();
    if (found !== undefined && found !== false) return found;
    if (performance.now() >= end) throw new TooLate(`${what}: not within ${deadline_ms / 1000} s`);
    await sleep(every_ms);
  }
}
