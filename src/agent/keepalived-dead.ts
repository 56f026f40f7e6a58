import type { NodeContext } from "../cluster/context.ts";
import { whyNotStarting } from "../decide/start-problem.ts";
import { startProblem } from "../keepalived/start-problem.ts";

// `keepalived -t` takes 10 ms.
const deadline_ms = 500;

/** Logs that Keepalived does not run, and why if that is known. Never rejects. */
export async function tellKeepalivedDead({ log }: NodeContext): Promise<void> {
  const problem = await startProblem(deadline_ms);
  const known = whyNotStarting(problem, { start: "systemctl start keepalived", doctor: "doctor" });
  log.error("keepalived-dead", "Keepalived does not run on this host: this node can't take over", {
    ...(known && { why: known.why }),
    remedy: known?.command ?? "start Keepalived; `journalctl -u keepalived` shows why it ended",
  });
}
