import { setTimeout as sleep } from "node:timers/promises";
import { peersOf } from "../cluster/local-node.ts";
import type { Node } from "../cluster/schema.ts";
import { keepsUp, otherMasters } from "../decide/situation.ts";
import { blockClients, unblockClients } from "../failover/client-access.ts";
import { readTrackFile, writeTrackFile } from "../keepalived/track-file.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { AgentEffect } from "../model/agent.ts";
import type { Observation } from "../model/observation.ts";
import { park, setReplicaFence } from "../redis/commands.ts";
import { failedObservation } from "../redis/observe.ts";
import { observeNode, observePeers } from "../redis/observe-cluster.ts";
import { endpointOf, type Session } from "../redis/session.ts";
import { Sessions } from "../redis/sessions.ts";
import { endDrain, readyAnnounced, startDrain } from "../state/drain.ts";
import { resign } from "../state/resignation.ts";
import { keepalivedRuns } from "../system/processes.ts";
import { anyReachable } from "../system/reachable.ts";
import type { EffectContext } from "./context.ts";
import { tellKeepalivedDead } from "./keepalived-dead.ts";
import { carryOutTask, carryOutVrrp } from "./role-change.ts";
import { stepDown } from "./step-down.ts";

/** All effects but the check, which runs in CheckLoop. */
type Effect = Exclude<AgentEffect, { do: "check" }>;
type Run = {
  [Do in Effect["do"]]: (effect: Extract<Effect, { do: Do }>, context: EffectContext) => Promise<void> | void;
};

const resignAfter_ms = 30;
const watchInterval_ms = 25;
const watch_ms = 2000;

/** The implementation of each effect. They decide nothing: what they find is posted as an event. */
const run: Run = {
  transition: ({ transition }, context) => carryOutVrrp(transition, context),
  task: ({ task }, context) => carryOutTask(task, context),

  "tell-health": ({ fit }, { cluster, paths, log, post, state }) => {
    try {
      // The file is read, too: the monitor writes it while the heartbeat is stale.
      if (state().health.told === fit && readTrackFile(paths.agentHealth) === fit) return;
      writeTrackFile(paths.agentHealth, fit);
      post({ on: "health-told", fit });
      // A moment later: Keepalived needs the processor now.
      if (!fit && holdsVip(cluster))
        void sleep(resignAfter_ms)
          .then(() => resign(paths.resigned))
          .catch(({ message: error }: Error) =>
            log.warn("record-failed", "can't remember that this node has resigned", { error }),
          );
    } catch (error) {
      log.error("health-not-told", "can't write the agent health file", {
        file: paths.agentHealth,
        error: (error as Error).message,
      });
    }
  },

  "block-clients": async ({ holder }, context) => {
    await blockOwnClients(context);
    context.post({ on: "client-access-set", holder });
  },

  "unblock-clients": async ({ holder }, context) => {
    await context.clientAccess(() => unblockClients(() => openLocal(context), context));
    context.post({ on: "client-access-set", holder });
  },

  "block-to-drain": async (_, context) => {
    await blockOwnClients(context);
    context.post({ on: "blocked-to-drain" });
  },

  "start-drain": async (_, context) => {
    // Without it the move goes on: only a master that is slow at that moment would count as gone.
    await context.moveAnnouncement.set(true, { ...context, node: context.preferred });
    try {
      startDrain(context.paths.drain);
    } catch (error) {
      context.post({ on: "drain-failed", error: (error as Error).message });
    }
  },

  "end-drain": (_, { paths, moveAnnouncement }) => {
    moveAnnouncement.close();
    endDrain(paths.drain);
  },

  "watch-keepalived": async (_, { cluster, post }) => {
    let dead = 0;
    // Its processes do not end at the same moment, and at a reload new ones start at once.
    for (const end_ms = performance.now() + watch_ms; performance.now() < end_ms; await sleep(watchInterval_ms)) {
      if (!holdsVip(cluster)) break;
      dead = keepalivedRuns() ? 0 : dead + 1;
      if (dead === 2) break;
    }
    post({ on: "keepalived-watched", dead: dead === 2 });
  },

  "step-down": async (_, context) => {
    await stepDown(context);
    context.post({ on: "stepped-down" });
  },

  "tell-keepalived-dead": (_, context) => tellKeepalivedDead(context),

  "look-for-other-master": async ({ because }, context) => {
    const { seen } = context.state().local;
    const ours = because === "sole-master" ? seen : undefined;
    context.post({ on: "other-master-looked", because, found: await anotherMaster(context, ours) });
  },

  "read-local": async ({ after_ms = 0 }, context) => {
    if (after_ms > 0) await sleep(after_ms);
    context.post({ on: "local-read", seen: await read(context, context.node) });
  },

  "park-local": async ({ runId, keys }, context) => {
    try {
      await park(await openLocal(context));
      context.post({ on: "local-parked", runId, keys });
    } catch (error) {
      // A Redis that answers with an error is alive, and is checked as such.
      const seen = failedObservation(endpointOf(context.cluster, context.node, context.password), error);
      context.post({ on: "local-read", seen });
    }
  },

  "read-preferred": async (_, context) => {
    const session = new Sessions(context).of(context.preferred.name);
    const [seen, ready] = await Promise.all([
      read(context, context.preferred),
      session.then((to) => readyAnnounced(to, context.cluster)).catch(() => false),
    ]);
    context.post({ on: "preferred-read", seen, ready });
  },

  "forget-silence": (_, { forgetSilence }) => forgetSilence(),

  "announce-ready": ({ on }, context) => context.announcement.set(on, context),

  "read-surroundings": async ({ masters, witnesses }, context) => {
    const { failover, monitor } = context.cluster;
    const [otherMaster, witnessed] = await Promise.all([
      masters && anotherMaster(context, context.state().local.seen),
      witnesses && anyReachable(failover.witnesses, monitor.timeout * 1000),
    ]);
    context.post({ on: "surroundings-read", otherMaster, witnessed });
  },

  "set-fence": async ({ on }, context) => {
    try {
      await setReplicaFence(await openLocal(context), on);
      if (on) context.log.info("fence-set", "elastic fence set: writes need a connected replica");
      else context.log.info("fence-lifted", "elastic fence lifted");
      context.post({ on: "fence-set", fence: on, done: true });
    } catch (error) {
      context.log.warn("fence-failed", on ? "can't set the elastic fence" : "can't lift the elastic fence", {
        error: (error as Error).message,
      });
      context.post({ on: "fence-set", fence: on, done: false });
    }
  },

  log: ({ level, event, message, fields }, { log }) => log[level](event, message, fields),
};

/** Never rejects: a failure is logged or posted as an event. */
export async function runEffect(effect: Effect, context: EffectContext): Promise<void> {
  try {
    await (run[effect.do] as (effect: Effect, context: EffectContext) => Promise<void> | void)(effect, context);
  } catch (error) {
    context.log.error("effect-failed", `${effect.do} failed`, { error: (error as Error).message });
  }
}

const blockOwnClients = (context: EffectContext): Promise<void> =>
  context.clientAccess(async () => {
    await blockClients(() => openLocal(context), context);
  });

const openLocal = (context: EffectContext): Promise<Session> => new Sessions(context).of(context.node.name);

const read = (context: EffectContext, node: Node): Promise<Observation> =>
  observeNode(context, new Sessions(context), node);

/** Whether a peer's Redis says that it is master. Not asked: who copies from `ours`, as that one said a moment ago. */
async function anotherMaster(context: EffectContext, ours: Observation | undefined): Promise<boolean> {
  const replicas = ours?.kind === "observed" ? ours.replicas.filter(keepsUp).map(({ host }) => host) : [];
  const peers = peersOf(context.cluster, context.node).filter(({ address }) => !replicas.includes(address));
  return otherMasters({ peers: await observePeers(context, new Sessions(context), peers) }).length > 0;
}
