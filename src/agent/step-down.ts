import { fenceSeconds } from "../decide/facts.ts";
import type { PlanContext } from "../failover/context.ts";
import { carryOut } from "../failover/steps.ts";
import { dropVip } from "../keepalived/drop-vip.ts";
import { Sessions } from "../redis/sessions.ts";

/**
 * Gives the virtual IP up where Keepalived can't any more. Writes are held back first, until the next holder takes the role over,
 * which ends the fence, or until the fence ends by itself. The address goes next, and with it every client. Never rejects.
 */
export async function stepDown(node: Omit<PlanContext, "proceed">): Promise<void> {
  const context: PlanContext = { ...node, proceed: () => undefined };
  const { log, cluster } = context;
  const sessions = new Sessions(context);
  log.error("stepping-down", "Keepalived is dead or hangs: stepping down");
  await carryOut({ do: "fence", seconds: fenceSeconds }, context, sessions).catch((error: Error) =>
    log.warn("step-failed", "can't hold writes back", { step: "fence", error: error.message }),
  );
  try {
    await dropVip(cluster, context.node);
    log.info("vip-removed", "took the virtual IP off");
  } catch (error) {
    log.error("vip-not-removed", "can't take the virtual IP off", { error: (error as Error).message });
  }
  await carryOut({ do: "drop-clients" }, context, sessions);
}
