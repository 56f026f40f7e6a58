import type { NodeContext } from "../cluster/context.ts";
import type { Transition } from "../model/transition.ts";
import type { OpenSession } from "../redis/session.ts";

/** What a plan needs to be carried out, for hooks, the agent and the commands that an operator runs. */
export interface PlanContext extends NodeContext {
  open: OpenSession;
  /** The operator prefers losing data to not serving. */
  allowDataLoss: boolean;
  /** Throws Stopped after a newer transition or a signal. Called before every step. */
  proceed: () => void;
}

export interface TransitionRequest {
  transition: Transition;
  holdsVip: () => boolean;
  /** Make the plan, and change nothing. */
  dryRun: boolean;
}
