import type { NodeContext } from "../cluster/context.ts";
import type { OpenSession } from "../redis/session.ts";

/** What carrying out a plan needs; the same for hooks, agent and the commands of a person. */
export interface PlanContext extends NodeContext {
  open: OpenSession;
  /** A person said that going on is better than keeping what is about to be lost. */
  allowDataLoss: boolean;
  /** Throws Stopped when a newer transition, or a signal, makes going on wrong. Asked before every step. */
  proceed: () => void;
}
