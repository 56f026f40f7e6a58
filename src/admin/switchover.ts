import { look } from "../redis/observe-cluster.ts";
import { type Run, Sessions } from "../failover/sessions.ts";
import { Refusal } from "../cluster/errors.ts";
import { switchover } from "../decide/switchover.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import { moveVip } from "./move-vip.ts";
import type { Teller } from "./reporter.ts";

export interface Switching extends Run {
  tell: Teller;
  to: string | undefined;
  dryRun: boolean;
}

export interface SwitchReport {
  cluster: string;
  from: string;
  to: string;
  seconds: number;
}

/** A planned change of master: checked before it starts, nothing lost, the old master ends as a replica in sync. */
export async function switchOver(run: Switching, deadline_ms: number): Promise<SwitchReport> {
  const sessions = new Sessions(run);
  const found = switchover(await look(run, sessions, holdsVip(run.cluster)).finally(() => sessions.closeAll()), run.to);
  const { name: cluster } = run.cluster;
  if (found.kind === "refused") throw new Refusal(found.refusal.cause, { hint: found.refusal.wayOut });
  if (found.kind === "nothing-to-do") {
    run.tell.done(`${found.master} is master already`);
    return { cluster, from: found.master, to: found.master, seconds: 0 };
  }
  const { from, to } = found;
  run.tell.done(`${from} is master, ${to} is its replica and in sync`);
  if (run.dryRun) {
    run.tell.plan(`have the virtual IP go from ${from} to ${to}, writes waiting while the role changes hands`);
    return { cluster, from, to, seconds: 0 };
  }
  const seconds = Math.round((await moveVip(run, to, deadline_ms)) * 1000) / 1000;
  run.tell.done(`${to} is master, ${from} its replica`, { seconds });
  return { cluster, from, to, seconds };
}
