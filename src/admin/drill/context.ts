import type { CommandContext } from "../context.ts";

export interface DrillContext extends CommandContext {
  /** Kill the master's Redis, in place of the planned move there. */
  killRedis: boolean;
  /** Asks before the Redis is killed. Rejects unless that is wanted. */
  confirm: (question: string) => Promise<void>;
}
