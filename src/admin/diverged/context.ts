import type { RedisContext } from "../../redis/sessions.ts";

export interface DivergedContext extends RedisContext {
  /** Throws if the operator has stopped it. */
  proceed: () => void;
}
