import { CommandRefused } from "../cluster/errors.ts";
import { switchover } from "../decide/switchover.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { Sessions } from "../redis/sessions.ts";
import type { SwitchoverContext } from "./context.ts";
import { moveVip } from "./move-vip.ts";

export interface SwitchoverReport {
  cluster: string;
  from: string;
  to: string;
  seconds: number;
}

/** A planned change of master: checked before it starts, nothing lost, the old master ends as a replica in sync. */
export async function runSwitchover(context: SwitchoverContext, deadline_ms: number): Promise<SwitchoverReport> {
  const sessions = new Sessions(context);
  const found = switchover(
    await observeCluster(context, sessions, { ...context, holdsVip: holdsVip(context.cluster) }).finally(() =>
      sessions.closeAll(),
    ),
    context.to,
  );
  const { name: cluster } = context.cluster;
  if (found.kind === "refused") throw new CommandRefused(found.refusal.cause, { remedy: found.refusal.remedy });
  if (found.kind === "nothing-to-do") {
    context.report.done(`${found.master} is master already`);
    return { cluster, from: found.master, to: found.master, seconds: 0 };
  }
  const { from, to } = found;
  context.report.done(`${from} is master, ${to} is its replica and in sync`);
  if (context.dryRun) {
    context.report.plan(`have the virtual IP go from ${from} to ${to}, writes waiting while the role changes hands`);
    return { cluster, from, to, seconds: 0 };
  }
  const seconds = Math.round((await moveVip(context, to, deadline_ms)) * 1000) / 1000;
  context.report.done(`${to} is master, ${from} its replica`, { seconds });
  return { cluster, from, to, seconds };
}
