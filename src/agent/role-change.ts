import { parksAfterLoss } from "../decide/agent/links.ts";
import { supersededBy } from "../decide/agent/role-change.ts";
import { Stopped, Superseded } from "../failover/errors.ts";
import { runNotifyCommand } from "../failover/notify-command.ts";
import { logOutcome } from "../failover/outcome.ts";
import { carryOutTransition } from "../failover/transition.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Task } from "../model/agent.ts";
import type { Transition } from "../model/transition.ts";
import { park } from "../redis/commands.ts";
import { observeSession } from "../redis/observe.ts";
import { Sessions } from "../redis/sessions.ts";
import type { EffectContext } from "./context.ts";

/** Carries a transition out as its hook would; a newer one, or a heartbeat that is no longer fresh, stops it at its next step. */
export async function carryOutVrrp(transition: Transition, context: EffectContext): Promise<void> {
  const log = context.log.child({ transition });
  const proceed = () => {
    const newer = supersededBy(context.state());
    if (newer) throw new Superseded(newer);
    if (!context.mayAct()) throw new Stopped("this agent stood still for too long: the hooks have taken over");
  };
  const started_ms = performance.now();
  const request = { transition, holdsVip: () => holdsVip(context.cluster), dryRun: false };
  const outcome = await carryOutTransition({ ...context, log, proceed }, request);
  logOutcome(log, transition, outcome, started_ms);
  void runNotifyCommand(context, transition, outcome);
  context.post({ on: "role-change-ended", parked: false });
}

/** Parks our replica of a node that was lost, if the table says so once its turn has come. */
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
  const place = { host: peer.address, port: cluster.redis.port };
  if (!parksAfterLoss({ ours, lost, peer: place, holdsVip: holdsVip(cluster) })) return false;
  await park(session);
  log.info("replica-parked", `lost ${peer.name}: our replica is parked`, {
    peer: peer.name,
    offset: ours.history.offset,
  });
  return true;
}
