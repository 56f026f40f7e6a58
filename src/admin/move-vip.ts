import { CommandRefused } from "../cluster/errors.ts";
import type { PlanContext } from "../failover/context.ts";
import { Sessions } from "../redis/sessions.ts";
import { announceMove, endDrain, requestDrain, startDrain } from "../state/drain.ts";
import { agentAlive } from "../state/heartbeat.ts";
import { MoveWatch } from "./move-watch.ts";

/**
 * Moves the virtual IP and the master role to the node `target`: every other node is drained, Keepalived moves the address, and
 * the target's notify-master takes the role over with nothing lost. The drain ends with this process, however it ends; a fence that
 * a hook has set ends by itself or with the next one. Returns the seconds until the target was master with a replica in sync.
 * Throws a CommandRefused when that does not happen within `deadline_ms`, or when clients have no master for too long; then the old
 * master serves again.
 */
export async function moveVip(context: PlanContext, target: string, deadline_ms: number): Promise<number> {
  const started_ms = performance.now();
  // A session that asks for a drain is subscribed, and can't ask anything else.
  const drains = new Sessions(context);
  const sessions = new Sessions(context);
  const endDrains = () => {
    if (target !== context.node.name) endDrain(context.paths.drain);
    drains.closeAll();
  };
  const watch = new MoveWatch(context, sessions, target);
  try {
    // Without it the move goes on: only a master that is slow at that moment would count as gone.
    await drains
      .of(target)
      .then((session) => announceMove(session, context.cluster))
      .catch(() => undefined);
    await drainOthers(context, drains, target);
    const givenUp = await watch.untilMoved(deadline_ms);
    endDrains();
    // The target may have become master at the last moment.
    if (givenUp === undefined || (await watch.untilSettled())) return (performance.now() - started_ms) / 1000;
    throw new CommandRefused(`the virtual IP and the master role did not move to ${target}: ${givenUp}`, {
      remedy: `given up: within seconds the old master serves again. Does Keepalived run on ${target}, and what do status and the log there say?`,
    });
  } finally {
    endDrains();
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
  const ask = async () =>
    (await Promise.all(others.map(({ name }) => requested(context, drains, name)))).includes(true);
  if (byFile) {
    await ask();
    return startDrain(context.paths.drain);
  }
  for (let attempt = 0; attempt < attempts; attempt++) {
    context.proceed();
    if (await ask()) return;
  }
  throw new CommandRefused("no Redis answers that could be asked to give the virtual IP away", {
    remedy: "start Redis on the node that holds it, or stop Keepalived there",
  });
}

// On a link that loses packets a request may take longer than the deadline of a session. Once one node was asked, none that is dead is
// waited for again: the move has begun.
const attempts = 3;

const requested = async (context: PlanContext, drains: Sessions, name: string): Promise<boolean> => {
  try {
    await requestDrain(await drains.of(name), context.cluster);
    return true;
  } catch {
    drains.drop(name);
    return false;
  }
};
