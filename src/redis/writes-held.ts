import { info } from "./commands.ts";
import type { Session } from "./session.ts";

/** What keeps a master from accepting writes, as INFO says it; what it does not say is undefined. */
export interface WritesHeld {
  /** For how long writes are paused. Redis 7.0 does not tell. */
  paused_ms?: number | undefined;
  /** Replicas that keep up, if `min-replicas-to-write` is set. */
  goodReplicas?: number | undefined;
}

export async function writesHeld(session: Session): Promise<WritesHeld> {
  const text = await info(session);
  const number = (name: string) => {
    const found = new RegExp(`^${name}:(\\d+)`, "m").exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  return { paused_ms: number("paused_timeout_milliseconds"), goodReplicas: number("min_slaves_good_slaves") };
}
