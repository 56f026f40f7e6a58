import type { Paths } from "../cluster/paths.ts";
import type { PlanContext } from "../failover/context.ts";
import type { OpenSession } from "../redis/session.ts";
import type { Charge } from "./charge.ts";

/** All that a transition, a look or a change of role needs, besides being told when to stop. */
export type Ground = Omit<PlanContext, "proceed">;

export function groundOf({ cluster, node, password, log }: Charge, paths: Paths, open: OpenSession): Ground {
  // What hooks and the monitor allow a server, we need not: we heard from it a moment ago.
  const quick = { ...cluster, monitor: { ...cluster.monitor, timeout: cluster.agent.timeout } };
  return { cluster: quick, node, password, log, open, allowDataLoss: cluster.failover.allow_data_loss, paths };
}
