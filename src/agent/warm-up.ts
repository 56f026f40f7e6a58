import { atStart, react } from "../decide/agent/react.ts";
import { parkedAt } from "../decide/situation.ts";
import type { PlanContext } from "../failover/context.ts";
import { carryOutTransition } from "../failover/transition.ts";
import { silentLog } from "../log/log.ts";
import type { AgentNow } from "../model/agent.ts";
import { openConnection } from "../redis/connection.ts";

const rounds = 2;
const dial_ms = 100;

/**
 * Looks and decides as for a failover, and does nothing of it. What V8 never ran it compiles first, and what it has not run
 * for some minutes it throws away: that made 3 of the 18 ms of a failover (measured). Never rejects.
 */
export async function warmUp(node: Omit<PlanContext, "proceed">, now: AgentNow): Promise<void> {
  const context = { ...node, log: silentLog, proceed: () => undefined };
  // A reaction is a value: nobody carries these out.
  for (const name of [now.node, ...Object.keys(now.peers)])
    react(atStart(undefined), now, { on: "link-gone", node: name, why: "refused", detail: "" });
  for (const state of ["MASTER", "BACKUP", "FAULT"]) react(atStart(undefined), now, { on: "vrrp-line", state });
  // So many turns of the way from a broken connection to a refused one.
  for (let round = 0; round < rounds; round++) await openConnection(parkedAt, dial_ms).catch(() => undefined);
  for (let round = 0; round < rounds; round++)
    for (const transition of ["MASTER", "BACKUP", "FAULT"] as const)
      await carryOutTransition(context, { transition, holdsVip: () => false, dryRun: true });
}
