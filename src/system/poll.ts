import { setTimeout as sleep } from "node:timers/promises";

/** A step did not reach its end within its deadline. */
export class DeadlinePassed extends Error {}

/**
 * Calls `done` every `every_ms` until it gives a result. Rejects with DeadlinePassed after `deadline_ms`, and with whatever
 * `proceed` throws (a newer transition, a SIGTERM). `proceed` is called before each `done`.
 */
export async function poll<T>(
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
    if (performance.now() >= end) throw new DeadlinePassed(`${what}: not within ${deadline_ms / 1000} s`);
    await sleep(every_ms);
  }
}
