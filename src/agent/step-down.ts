import { fenceSeconds } from "../decide/facts.ts";
import type { PlanContext } from "../failover/context.ts";
import { carryOut } from "../failover/steps.ts";
import { dropVip } from "../keepalived/drop-vip.ts";
import { Sessions } from "../redis/sessions.ts";

/**
 * Gives up the virtual IP when Keepalived can't. First the local Redis is fenced: the fence ends when the next holder takes the
 * role over, or by its own time-out. Then the virtual IP is removed and all clients are disconnected. Never rejects.
 */
export async function stepDown(node: Omit<PlanContext, "proceed">): Promise<void> {
  const context: PlanContext = { ...node, proceed: () => undefined };
  const { log, cluster } = context;
  const sessions = new Sessions(context);
  log.error("stepping-down", "Keepalived is dead or hangs: stepping down");
  await carryOut({ do: "fence", seconds: fenceSeconds }, context, sessions).catch((error: Error) =>
    log.warn("step-failed", "can't fence the local Redis", { step: "fence", error: error.message }),
  );
  try {
    await dropVip(cluster, context.node);
    log.info("vip-removed", "removed the virtual IP from this host");
  } catch (error) {
    log.error("vip-not-removed", "can't remove the virtual IP from this host", { error: (error as Error).message });
  }
  await carryOut({ do: "drop-clients" }, context, sessions);
}
