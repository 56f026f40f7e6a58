import { parksAfterLoss } from "../decide/agent/links.ts";
import { supersededBy } from "../decide/agent/role-change.ts";
import { applyKept } from "../failover/apply-kept.ts";
import { Stopped, Superseded } from "../failover/errors.ts";
import { runNotifyCommand } from "../failover/notify-command.ts";
import { endTransition } from "../failover/outcome.ts";
import { carryOutTransition } from "../failover/transition.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Task } from "../model/agent.ts";
import type { Transition } from "../model/transition.ts";
import { park } from "../redis/commands.ts";
import { observeSession } from "../redis/observe.ts";
import { Sessions } from "../redis/sessions.ts";
import type { EffectContext } from "./context.ts";

/**
 * Carries a transition out as its hook would. A newer transition, or a stale heartbeat, stops it at its next step. After a stale
 * heartbeat it begins anew: Keepalived calls each transition once, and nobody else would (seed 2002 of chaos, round 21: a master that was
 * paused held writes back for 15 s).
 */
export async function carryOutVrrp(transition: Transition, context: EffectContext): Promise<void> {
  const log = context.log.child({ transition });
  const proceed = () => {
    const newer = supersededBy(context.state());
    if (newer) throw new Superseded(newer);
    if (!context.mayAct()) throw new Stopped("the heartbeat of the agent is stale: the hooks have taken over");
  };
  const started_ms = performance.now();
  const request = { transition, holdsVip: () => holdsVip(context.cluster), dryRun: false };
  // A hook that started meanwhile may have left the work to this agent: what it has done already, is left out then.
  await context.resumed();
  let ended = await carryOutTransition({ ...context, log, proceed }, request);
  if (ended.result === "superseded" && !context.mayAct()) {
    await context.resumed();
    ended = await carryOutTransition({ ...context, log, proceed }, request);
  }
  const outcome = endTransition({ ...context, log }, transition, ended, started_ms);
  void applyKept(context, outcome);
  void runNotifyCommand(context, transition, outcome);
  context.post({ on: "role-change-ended", parked: false });
}

/** Parks the local replica after its master was lost, if the table PARK says so. */
export async function carryOutTask(task: Task, context: EffectContext): Promise<void> {
  const parked = await parkReplica(task, context).catch(() => false);
  context.post({ on: "role-change-ended", parked });
}

async function parkReplica({ parkReplicaOf, lost }: Task, context: EffectContext): Promise<boolean> {
  const { cluster, node, log } = context;
  const peer = cluster.nodes.find(({ name }) => name === parkReplicaOf);
  const session = await new Sessions(context).of(node.name);
  const ours = await observeSession(session);
  if (!peer || ours.kind !== "observed") return false;
  const peerRedis = { host: peer.address, port: cluster.redis.port };
  if (!parksAfterLoss({ ours, lost, peer: peerRedis, holdsVip: holdsVip(cluster) })) return false;
  await park(session);
  log.info("replica-parked", `${peer.name} does not answer: the local replica is parked`, {
    peer: peer.name,
    offset: ours.history.offset,
  });
  return true;
}
