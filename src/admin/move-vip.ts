import { CommandRefused } from "../cluster/errors.ts";
import { copiesFrom } from "../decide/situation.ts";
import type { PlanContext } from "../failover/context.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Here, Peer, Situation } from "../model/situation.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { Sessions } from "../redis/sessions.ts";
import { endDrain, requestDrain, startDrain } from "../state/drain.ts";
import { agentAlive } from "../state/heartbeat.ts";
import { DeadlinePassed, poll } from "../system/poll.ts";

/**
 * Has the virtual IP and the master role go to the node `target`: every other one is asked to give the virtual IP away,
 * Keepalived moves it, and the target's notify-master takes the role over with nothing lost. The wish ends with this
 * process, however it ends, so nothing stays drained; a fence that a hook has set ends by itself or with the next one.
 * Returns the seconds until the target was master with a replica in sync. Throws a Refusal when that does not happen.
 */
export async function moveVip(context: PlanContext, target: string, deadline_ms: number): Promise<number> {
  const started = performance.now();
  const wishes = new Sessions(context);
  const looks = new Sessions(context);
  try {
    await wish(context, wishes, target);
    const what = `the virtual IP and the master role going to ${target}`;
    const settled = async () =>
      arrived(
        context,
        target,
        await observeCluster(context, looks, { ...context, holdsVip: holdsVip(context.cluster) }),
      );
    await poll(settled, { deadline_ms, every_ms: 20, proceed: context.proceed, what });
    return (performance.now() - started) / 1000;
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw new CommandRefused(error.message, {
      remedy: `given up: within seconds the old master serves again. Does Keepalived run on ${target}, and what does the log there say?`,
    });
  } finally {
    if (target !== context.node.name) endDrain(context.paths.drain);
    wishes.closeAll();
    looks.closeAll();
  }
}

/**
 * Here by the drain track file, which Keepalived sees within milliseconds; elsewhere over the other node's Redis. An agent
 * hears it that way on this host, too: it turns clients away before the address goes.
 */
async function wish(context: PlanContext, wishes: Sessions, target: string): Promise<void> {
  const byFile = target !== context.node.name && !agentAlive(context.paths.heartbeat);
  const others = context.cluster.nodes.filter(({ name }) => name !== target && !(byFile && name === context.node.name));
  const heard = await Promise.all(others.map(({ name }) => subscribe(context, wishes, name)));
  if (byFile) {
    startDrain(context.paths.drain);
  } else if (!heard.includes(true)) {
    throw new CommandRefused("no Redis answers that could be asked to have the virtual IP given away");
  }
}

async function subscribe(context: PlanContext, wishes: Sessions, name: string): Promise<boolean> {
  try {
    await requestDrain(await wishes.of(name), context.cluster);
    return true;
  } catch {
    return false;
  }
}

function arrived(context: PlanContext, target: string, { node, peers }: Situation): boolean {
  const all: (Here | Peer)[] = [node, ...peers];
  const there = all.find(({ name }) => name === target);
  if (there?.seen.kind !== "observed" || there.seen.role !== "master") return false;
  if (target === context.node.name && !node.holdsVip) return false;
  return all.some(({ seen }) => seen.kind === "observed" && copiesFrom(seen, there) && seen.source?.link === "up");
}
