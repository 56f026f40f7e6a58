import spawn from "nano-spawn";
import type { NodeContext } from "../cluster/context.ts";
import type { Transition } from "../model/transition.ts";
import type { Outcome } from "./outcome.ts";

const deadline_ms = 10_000;

/** Runs `failover.on_transition` with the outcome. A failure is logged and changes nothing. */
export async function runNotifyCommand(
  { cluster, node, log }: NodeContext,
  transition: Transition,
  outcome: Outcome,
): Promise<void> {
  const command = cluster.failover.on_transition;
  if (command === undefined || outcome.result === "superseded") return;
  try {
    await spawn(command, [cluster.name, node.name, transition, outcome.result], {
      timeout: deadline_ms,
      stdin: "ignore",
      // A pipe would be kept open by a background process of the command, and the hook would wait for it.
      stdout: "ignore",
      stderr: "ignore",
      env: { KEEPALIVED_REDIS_WHY: outcome.why ?? "" },
    });
  } catch (error) {
    log.warn("notify-command-failed", "failover.on_transition failed", { error: (error as Error).message });
  }
}
