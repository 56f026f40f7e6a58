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
 * Plans a failover without carrying it out, so that V8 has compiled the code when a failover comes. V8 compiles a function when
 * it is first called, and discards the code after some minutes without a call: 3 of the 18 ms of a failover (measured). Never
 * rejects.
 */
export async function warmUp(node: Omit<PlanContext, "proceed">, now: AgentNow): Promise<void> {
  const context = { ...node, log: silentLog, proceed: () => undefined };
  // A reaction is a value: nobody carries these out.
  for (const name of [now.node, ...Object.keys(now.peers)])
    react(atStart(undefined), now, { on: "link-gone", node: name, why: "refused", detail: "" });
  for (const state of ["MASTER", "BACKUP", "FAULT"]) react(atStart(undefined), now, { on: "vrrp-line", state });
  // Also the code for a refused connection.
  for (let round = 0; round < rounds; round++) await openConnection(parkedAt, dial_ms).catch(() => undefined);
  for (let round = 0; round < rounds; round++)
    for (const transition of ["MASTER", "BACKUP", "FAULT"] as const)
      await carryOutTransition(context, { transition, holdsVip: () => false, dryRun: true });
}
