import { spawn } from "node:child_process";
import { basename, dirname, join } from "node:path";
import type { NodeContext } from "../cluster/context.ts";
import { keptIn, numberOf } from "../state/quarantine.ts";
import type { Outcome } from "./outcome.ts";

/** A role that has just moved may move once more. */
const wait_s = 300;

/**
 * With `failover.diverged_writes = "apply"`: starts `diverged apply` for what a transition has kept, in the background, which
 * logs what it did. A failure changes nothing: the writes are still kept.
 */
export function applyKept({ file, cluster, node, paths, log }: NodeContext, { plans, result }: Outcome): void {
  if (cluster.failover.diverged_writes !== "apply" || result !== "done") return;
  if (!plans.some(({ steps }) => steps.some((step) => step.do === "quarantine"))) return;
  const [last] = keptIn(paths.quarantine);
  // Conflicts are tried again: a node that was promoted once more before it had copied has compared these writes with its own history.
  if (!last?.about?.writes || last.about.applied?.left.length === 0) return;
  const executable = join(dirname(process.argv[1] ?? ""), "diverged");
  // By its number: another transition may keep more meanwhile.
  const id = String(numberOf(basename(last.file)));
  const args = ["apply", id, "--wait", String(wait_s), "--cluster", file, "--node", node.name];
  const child = spawn(executable, args, { detached: true, stdio: "ignore" });
  child.on("error", ({ message }) =>
    log.warn("diverged-not-applied", "the kept writes are not applied: `diverged` can't be started", {
      error: message,
      remedy: `run \`diverged apply ${id}\` on this node`,
    }),
  );
  child.unref();
}
