import type { NodeContext } from "../cluster/context.ts";
import { peersOf } from "../cluster/local-node.ts";
import { isPatient, pollingInterval_ms } from "../decide/agent/polling.ts";
import { atStart, react } from "../decide/agent/react.ts";
import { roleChangeRuns } from "../decide/agent/role-change.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { AgentEffect, AgentEvent, AgentNow, AgentState } from "../model/agent.ts";
import { checkHealth } from "../monitor/health-check.ts";
import type { OpenSession } from "../redis/session.ts";
import { announceMove, announceReady, draining } from "../state/drain.ts";
import { inMaintenance } from "../state/maintenance.ts";
import { answerReportRequest } from "../state/report-request.ts";
import { newestMark } from "../state/transition-marks.ts";
import { alignedTimer } from "../system/aligned-timer.ts";
import { uptime_s } from "../system/clock.ts";
import { hostAddresses } from "../system/host-addresses.ts";
import { once } from "../system/once.ts";
import { oncePerTurn } from "../system/per-turn.ts";
import { keepalivedRuns } from "../system/processes.ts";
import { Announcement } from "./announcement.ts";
import { CheckLoop } from "./check-loop.ts";
import { type EffectContext, planContextOf, preferredOf } from "./context.ts";
import { runEffect } from "./effects.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Status } from "./http.ts";
import { Links } from "./links.ts";
import { warmUp } from "./warm-up.ts";

// With fifty virtual IPs on a host these readings were a third of what its agent costs.
const addressesNow = oncePerTurn(hostAddresses);
const keepalivedRunsNow = oncePerTurn(keepalivedRuns);

const second_ms = 1000;
const warmUp_ms = 60_000;

/**
 * Does the work of the hooks and the monitor for one cluster, in one long-lived process. It passes each event to the tables in
 * decide/agent/ and runs the effects that they give. It decides nothing itself.
 */
export class ClusterAgent {
  context: NodeContext;
  #state: AgentState;
  readonly #events: AgentEvent[] = [];
  #reacting = false;
  #stopped = false;
  #timers: (() => void)[] = [];
  #clientAccess: Promise<void> = Promise.resolve();
  readonly #heartbeat: Heartbeat;
  readonly #links = new Links({
    broke: (node) => this.post({ on: "link-broke", node }),
    gone: (node, { why, message: detail }) => this.post({ on: "link-gone", node, why, detail }),
    back: (node, { why, message }) => this.post({ on: "link-back", node, before: message === "" ? undefined : why }),
    interval_ms: (node) =>
      pollingInterval_ms(this.#state, this.#isLocal(node), this.context.cluster.agent.interval * 1000),
    patient: (node) => isPatient(this.#state, this.#isLocal(node)),
  });
  readonly #announcement = new Announcement(announceReady, () => this.post({ on: "announcement-ended" }));
  readonly #moveAnnouncement = new Announcement(announceMove, () => undefined);
  readonly #checks = new CheckLoop((addresses) => this.#check(addresses));

  constructor(context: NodeContext) {
    this.context = context;
    this.#state = atStart(newestMark(context.paths.transitionMarks)?.transition);
    this.#heartbeat = new Heartbeat(context.paths, context.log);
  }

  /** Rejects if a hook holds the lock for longer than any of its steps may take. */
  async start(): Promise<void> {
    await this.#heartbeat.start();
    this.#links.set(this.context);
    this.#timers = [
      alignedTimer(second_ms, () => this.post({ on: "second", keepalivedRuns: keepalivedRunsNow() })),
      alignedTimer(warmUp_ms, () => void warmUp(planContextOf(this.context, this.#links.open), this.#now())),
    ];
  }

  async stop(): Promise<void> {
    for (const end of this.#timers) end();
    this.#checks.stop();
    this.#stopped = true;
    const { effects } = react(this.#state, this.#now(), { on: "stopping" });
    await Promise.all(effects.map((effect) => this.#run(effect)));
    this.#announcement.close();
    this.#moveAnnouncement.close();
    this.#links.close();
    this.#heartbeat.stop();
  }

  reload(context: NodeContext): void {
    this.context = context;
    this.#links.set(context);
    this.#checks.request();
  }

  /** Sessions over the links. */
  get open(): OpenSession {
    return this.#links.open;
  }

  /** For `/status` and `/metrics`. */
  get status(): Status {
    const { cluster, node } = this.context;
    const { health, local } = this.#state;
    const peers = Object.entries(this.#now().peers).map(([name, reach]) => ({ name, answers: reach === "answers" }));
    return {
      ...{ cluster: cluster.name, node: node.name, holder: holdsVip(cluster), keepalived: keepalivedRuns() },
      ...{ verdict: health.verdict, redis: local.seen, peers },
    };
  }

  /** Handles one event after the other. An event that an effect posts is handled once all effects of this event were started. */
  post(event: AgentEvent): void {
    if (this.#stopped) return;
    this.#events.push(event);
    if (this.#reacting) return;
    this.#reacting = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        const { state, effects } = react(this.#state, this.#now(), next);
        this.#state = state;
        for (const effect of effects) void this.#run(effect);
      }
    } finally {
      // After an error as well: an agent that handles no event but still has a heartbeat would keep the hooks from their work.
      this.#reacting = false;
    }
  }

  #run(effect: AgentEffect): Promise<void> {
    if (effect.do !== "check") return runEffect(effect, this.#effectContext());
    this.#checks.request(effect.after_ms, effect.after_ms === undefined ? addressesNow() : undefined);
    return Promise.resolve();
  }

  async #check(addresses: string[] | undefined): Promise<void> {
    const context = planContextOf(this.context, this.#links.open);
    try {
      const { verdict, holder, seen, change, mayBeAsked } = await checkHealth({
        ...context,
        addresses,
        latest: () => ({ transition: this.#state.vrrp, atWork: roleChangeRuns(this.#state) }),
        repair: async (transition) => this.post({ on: "repair-due", transition }),
      });
      this.post({ on: "checked", verdict, holder, seen, change });
      if (mayBeAsked) await answerReportRequest(context);
      await this.#clientAccess;
    } catch (error) {
      context.log.error("check-failed", "the health check failed", { error: (error as Error).message });
    }
  }

  /** Read when a row asks for it, and once an event: many events need nothing of the host. */
  #now(): AgentNow {
    const { cluster, node, paths } = this.context;
    const { name, address: host } = preferredOf(cluster);
    const holds = once(() => holdsVip(cluster, addressesNow()));
    const maintenance = once(() => inMaintenance(paths.maintenance, Date.now()));
    const drained = once(() => draining(paths.drain));
    return {
      at_s: uptime_s(),
      get holdsVip() {
        return holds();
      },
      get maintenance() {
        return maintenance();
      },
      get draining() {
        return drained();
      },
      peers: Object.fromEntries(peersOf(cluster, node).map((peer) => [peer.name, this.#links.reachability(peer)])),
      node: node.name,
      preferred: { name, host },
      failback: cluster.failover.failback,
      elasticFence: cluster.failover.elastic_fence,
      witnesses: cluster.failover.witnesses.length > 0,
    };
  }

  #effectContext(): EffectContext {
    return {
      ...planContextOf(this.context, this.#links.open),
      preferred: preferredOf(this.context.cluster),
      post: (event) => this.post(event),
      state: () => this.#state,
      mayAct: () => this.#heartbeat.fresh,
      resumed: () => this.#heartbeat.resumed(),
      forgetSilence: () => this.#links.heard(this.context.node.name),
      announcement: this.#announcement,
      moveAnnouncement: this.#moveAnnouncement,
      clientAccess: (change) => {
        this.#clientAccess = this.#clientAccess.then(change);
        return this.#clientAccess;
      },
    };
  }

  #isLocal(node: string): boolean {
    return node === this.context.node.name;
  }
}
