import type { PlanContext } from "../failover/context.ts";
import type { Reporter } from "./reporter.ts";

/** A command of a person: it reports its steps as they are done. */
export interface CommandContext extends PlanContext {
  report: Reporter;
  /** Only the checks, and what would follow. */
  dryRun: boolean;
}

export interface RecoveryContext extends CommandContext {
  /** Then take the master role and the virtual IP back. */
  failback: boolean;
  /** Done once the copy is there, before Keepalived is started: init starts the agent, which would copy as well. */
  beforeElection?: () => Promise<void>;
}

export interface SwitchoverContext extends CommandContext {
  /** The new master; undefined for the replica with the freshest history. */
  to: string | undefined;
}
