import { parkedAt } from "../decide/situation.ts";
import type { PlanContext } from "../failover/context.ts";
import { carryOutTransition } from "../failover/transition.ts";
import { silentLog } from "../log/log.ts";
import { openConnection } from "../redis/connection.ts";

const rounds = 2;
const dial_ms = 100;

/**
 * Looks and decides as for a failover, and does nothing of it. What V8 never ran it compiles first, and what it has not run
 * for some minutes it throws away: that made 3 of the 18 ms of a failover (measured). Never rejects.
 */
export async function warmUp(node: Omit<PlanContext, "proceed">): Promise<void> {
  const context = { ...node, log: silentLog, proceed: () => undefined };
  // So many turns of the way from a broken connection to a refused one.
  for (let round = 0; round < rounds; round++) await openConnection(parkedAt, dial_ms).catch(() => undefined);
  for (let round = 0; round < rounds; round++)
    for (const transition of ["MASTER", "BACKUP", "FAULT"] as const)
      await carryOutTransition(context, { transition, holdsVip: () => false, dryRun: true });
}
