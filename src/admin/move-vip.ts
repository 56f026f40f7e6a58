import { CommandRefused } from "../cluster/errors.ts";
import { copiesFrom } from "../decide/situation.ts";
import type { PlanContext } from "../failover/context.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Here, Peer, Situation } from "../model/situation.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import { Sessions } from "../redis/sessions.ts";
import { announceMove, endDrain, requestDrain, startDrain } from "../state/drain.ts";
import { agentAlive } from "../state/heartbeat.ts";
import { DeadlinePassed, poll } from "../system/poll.ts";

/**
 * Moves the virtual IP and the master role to the node `target`: every other node is drained, Keepalived moves the address, and
 * the target's notify-master takes the role over with nothing lost. The drain ends with this process, however it ends; a fence that
 * a hook has set ends by itself or with the next one. Returns the seconds until the target was master with a replica in sync.
 * Throws a CommandRefused when that does not happen within `deadline_ms`.
 */
export async function moveVip(context: PlanContext, target: string, deadline_ms: number): Promise<number> {
  const started_ms = performance.now();
  // A session that asks for a drain is subscribed, and can't ask anything else.
  const drains = new Sessions(context);
  const sessions = new Sessions(context);
  try {
    // Without it the move goes on: only a master that is slow at that moment would count as gone.
    await drains
      .of(target)
      .then((session) => announceMove(session, context.cluster))
      .catch(() => undefined);
    await drainOthers(context, drains, target);
    const what = `the virtual IP and the master role moving to ${target}`;
    const moved = async () => {
      const known = { ...context, holdsVip: holdsVip(context.cluster) };
      return hasMoved(context, target, await observeCluster(context, sessions, known));
    };
    await poll(moved, { deadline_ms, every_ms: 20, proceed: context.proceed, what });
    return (performance.now() - started_ms) / 1000;
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw new CommandRefused(error.message, {
      remedy: `given up: within seconds the old master serves again. Does Keepalived run on ${target}, and what does the log there say?`,
    });
  } finally {
    if (target !== context.node.name) endDrain(context.paths.drain);
    drains.closeAll();
    sessions.closeAll();
  }
}

/**
 * This node by the drain track file, which Keepalived reads within milliseconds; the others over their Redis. Where an agent runs
 * here it is asked over Redis, too: it blocks clients before the address goes.
 */
async function drainOthers(context: PlanContext, drains: Sessions, target: string): Promise<void> {
  const byFile = target !== context.node.name && !agentAlive(context.paths.heartbeat);
  const others = context.cluster.nodes.filter(({ name }) => name !== target && !(byFile && name === context.node.name));
  const asked = await Promise.all(others.map(({ name }) => requested(context, drains, name)));
  if (byFile) return startDrain(context.paths.drain);
  if (!asked.includes(true))
    throw new CommandRefused("no Redis answers that could be asked to give the virtual IP away", {
      remedy: "start Redis on the node that holds it, or stop Keepalived there",
    });
}

const requested = async (context: PlanContext, drains: Sessions, name: string): Promise<boolean> => {
  try {
    await requestDrain(await drains.of(name), context.cluster);
    return true;
  } catch {
    return false;
  }
};

/** The target is master, holds the virtual IP as far as this host can tell, and has a replica. */
function hasMoved(context: PlanContext, target: string, { node, peers }: Situation): boolean {
  const all: (Here | Peer)[] = [node, ...peers];
  const there = all.find(({ name }) => name === target);
  if (there?.seen.kind !== "observed" || there.seen.role !== "master") return false;
  if (target === context.node.name && !node.holdsVip) return false;
  return all.some(({ seen }) => seen.kind === "observed" && copiesFrom(seen, there) && seen.source?.link === "up");
}
