import type { VerdictChange } from "../model/agent.ts";
import type { LastVerdict } from "../state/last-verdict.ts";

// The node may stay fit, since Redis is alive. But a failover would fail, so these are logged as errors.
const errorCauses = new Set(["password", "permission", "full", "behind"]);
const remindAgain_s = 600;

const notHeard =
  "another node took the role more than once while this one had the virtual IP: VRRP adverts do not arrive (firewall, router_id or interface?)";

/** How often an error that a person must mend has been logged again since it was found: every ten minutes. */
export const reminders = (cause: string, lasting_s: number): number =>
  errorCauses.has(cause) ? Math.floor(lasting_s / remindAgain_s) : 0;

/** The log line of a check; undefined if it found the same as the last one. `unsaved`: why the verdict can't be remembered. */
export function verdictChange(
  now: LastVerdict,
  last: LastVerdict | undefined,
  unsaved: string | undefined,
): VerdictChange | undefined {
  const { healthy, cause, detail, problem } = now;
  const same = last?.cause === cause && last.healthy === healthy && last.problem === problem;
  if (same && unsaved === undefined && now.reminders === last.reminders) return undefined;
  const disputed = cause === "role-taken" && (now.role_taken?.times ?? 0) > 1;
  const error = problem || unsaved || errorCauses.has(cause) || disputed;
  return {
    level: error ? "error" : healthy ? "info" : "warn",
    message: `${healthy ? "fit" : "unfit"} to hold the virtual IP: ${cause}${last ? ` (before: ${last.cause})` : ""}`,
    fields: {
      healthy,
      cause,
      detail,
      ...(problem ? { broken_cluster_file: problem } : {}),
      ...(disputed ? { remedy: notHeard } : {}),
      ...(unsaved ? { unsaved } : {}),
    },
  };
}
