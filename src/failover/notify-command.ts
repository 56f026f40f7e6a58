import spawn from "nano-spawn";
import type { NodeContext } from "../cluster/context.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Transition } from "../model/transition.ts";
import { noticeOf } from "./notice.ts";
import type { Ended } from "./outcome.ts";

const usualDeadline_ms = 10_000;

/** Runs `failover.on_transition` with the outcome. A failure is logged and changes nothing. */
export async function runNotifyCommand(
  context: NodeContext,
  transition: Transition,
  ended: Ended,
  deadline_ms = usualDeadline_ms,
): Promise<void> {
  const { cluster, node, log } = context;
  const { result, why } = ended;
  const command = cluster.failover.on_transition;
  if (command === undefined || result === "superseded" || result === "planned") return;
  try {
    const notice = noticeOf(context, transition, { ...ended, result }, holdsVip(cluster), Date.now());
    await spawn(command, [cluster.name, node.name, transition, result], {
      timeout: deadline_ms,
      // A command may trap SIGTERM, and the hook would wait for it.
      killSignal: "SIGKILL",
      // A command that does not read it, or ends before it was written, has not failed.
      stdin: { string: `${JSON.stringify(notice)}\n` },
      // A pipe would be kept open by a background process of the command, and the hook would wait for it.
      stdout: "ignore",
      stderr: "ignore",
      env: { KEEPALIVED_REDIS_WHY: why ?? "" },
    });
  } catch (error) {
    log.warn("notify-command-failed", "failover.on_transition failed", { error: (error as Error).message });
  }
}
