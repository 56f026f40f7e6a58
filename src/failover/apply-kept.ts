import { spawn } from "node:child_process";
import { basename, dirname, join } from "node:path";
import type { NodeContext } from "../cluster/context.ts";
import { keptIn, numberOf } from "../state/quarantine.ts";
import type { Outcome } from "./outcome.ts";

/** A role that has just moved may move once more. */
const wait_s = 300;

/** After a transition that has kept writes, see `applyLastKept`. Also if a newer one superseded it, which need not keep them again. */
export function applyKept(context: NodeContext, { plans, result }: Outcome): void {
  if (result !== "planned" && plans.some(({ steps }) => steps.some((step) => step.do === "quarantine")))
    applyLastKept(context);
}

/**
 * Starts `diverged apply` for the last writes that were kept, in the background, which logs what it did: with
 * `failover.diverged_writes = "apply"` it applies them, else it looks which of them can be applied (`--dry-run`). A failure
 * changes nothing: the writes are still kept.
 */
export function applyLastKept({ file, cluster, node, paths, log }: NodeContext): void {
  const [last] = keptIn(paths.quarantine);
  // A dump is not loaded beside a Redis that serves: that may need as much memory again. Conflicts are tried again: a node that was
  // promoted once more before it had copied has compared these writes with its own history.
  if (!last?.about?.writes || last.about.applied?.left === 0) return;
  const executable = join(dirname(process.argv[1] ?? ""), "diverged");
  // By its number: another transition may keep more meanwhile.
  const id = String(numberOf(basename(last.file)));
  const wait = ["--wait", String(wait_s)];
  const how = cluster.failover.diverged_writes === "apply" ? wait : [...wait, "--dry-run"];
  const args = ["apply", id, ...how, "--cluster", file, "--node", node.name];
  const child = spawn(executable, args, { detached: true, stdio: "ignore" });
  child.on("error", ({ message }) =>
    log.warn("diverged-not-applied", "the kept writes are not applied: `diverged` can't be started", {
      error: message,
      remedy: `run \`diverged apply ${id}\` on this node`,
    }),
  );
  child.unref();
}
