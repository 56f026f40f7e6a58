import { pauseWrites } from "../redis/commands.ts";
import type { Session } from "../redis/session.ts";

export interface HeldFence {
  /** No write can have come since it was set. */
  whole(): boolean;
  /** It is renewed no more, and ends by itself. */
  leave(): void;
}

/** Holds writes back from now on, `seconds` at a time: a server or a host that stands still for longer tears it. */
export async function holdFence(session: Session, seconds: number): Promise<HeldFence> {
  const lasts_ms = seconds * 1000;
  // A pause begins when Redis hears of it: not before it was sent, and not after it was answered.
  let sent_ms = performance.now();
  let torn = false;
  const renew = async () => {
    const now_ms = performance.now();
    await pauseWrites(session, lasts_ms);
    torn ||= performance.now() - sent_ms >= lasts_ms;
    sent_ms = now_ms;
  };
  await renew();
  const renewal = setInterval(() => void renew().catch(() => undefined), lasts_ms / 3);
  return {
    whole: () => !torn && performance.now() - sent_ms < lasts_ms,
    leave: () => clearInterval(renewal),
  };
}
