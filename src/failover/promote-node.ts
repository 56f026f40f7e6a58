import { claim, replicaPosition } from "../decide/claim.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import type { Observed } from "../model/observation.ts";
import { promote } from "../redis/commands.ts";
import { observeSession } from "../redis/observe.ts";
import type { Sessions } from "../redis/sessions.ts";
import type { PlanContext } from "./context.ts";
import { rememberServing } from "./remember-serving.ts";

/** The step `promote`. Clients wait for the promotion, so the offset for the log is read after it. */
export async function promoteNode(name: string, context: PlanContext, sessions: Sessions): Promise<object> {
  const session = await sessions.of(name);
  const [, after] = await Promise.all([promote(session), observeSession(session)]);
  if (after.kind !== "observed") return {};
  if (name === context.node.name) {
    writeClaim(context, after);
    rememberServing(context, after);
  }
  return { offset: after.history.previous?.until ?? after.history.offset };
}

/** A master that was just promoted has no new writes, and must not win a VRRP election before the monitor's next run. */
function writeClaim({ paths }: PlanContext, seen: Observed): void {
  try {
    writeTrackFile(paths.claim, claim(seen, replicaPosition(seen, undefined)));
  } catch {
    // The monitor reports a state folder that can't be written.
  }
}
