import { pauseWrites } from "../redis/commands.ts";
import type { Session } from "../redis/session.ts";

export interface RenewedFence {
  /** Renews it now. False if it has ended in between: then writes may have come. */
  renew(): Promise<boolean>;
  /** The fence is not renewed any more, and ends by itself. */
  stopRenewing(): void;
}

/** Holds writes back, and renews the fence, each time for `seconds`. A server or host that stands still for longer breaks it. */
export async function startRenewedFence(session: Session, seconds: number): Promise<RenewedFence> {
  const lasts_ms = seconds * 1000;
  // The pause starts between the sending of the command and its reply.
  let sent_ms = performance.now();
  let broken = false;
  const renew = async () => {
    const now_ms = performance.now();
    await pauseWrites(session, lasts_ms);
    broken ||= performance.now() - sent_ms >= lasts_ms;
    sent_ms = now_ms;
  };
  await renew();
  const renewal = setInterval(() => void renew().catch(() => undefined), lasts_ms / 3);
  return {
    renew: async () => {
      await renew();
      return !broken;
    },
    stopRenewing: () => clearInterval(renewal),
  };
}
