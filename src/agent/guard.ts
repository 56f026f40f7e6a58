import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { beat, beat_ms, silent_s } from "../act/agent-mark.ts";
import { newestIntent } from "../act/intent.ts";
import { takeLock } from "../act/lock.ts";
import { draining, maintenance } from "../act/marks.ts";
import { check } from "../act/monitor.ts";
import { uptime_s } from "../act/verdict-file.ts";
import { peersOf } from "../cluster/local-node.ts";
import { type Paths, pathsOf } from "../cluster/paths.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import { copiesFrom } from "../decide/situation.ts";
import type { Transition } from "../decide/transition.ts";
import type { Verdict } from "../decide/verdict.ts";
import { keepalivedRuns } from "../keepalived/process.ts";
import { writeTrackFile } from "../keepalived/track-file.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Log } from "../log.ts";
import { park } from "../redis/commands.ts";
import { type Observation, observe } from "../redis/observe.ts";
import { endpointOf, type Unreachable } from "../redis/session.ts";
import { Failback } from "./failback.ts";
import { Links } from "./links.ts";
import { stepDown } from "./step-down.ts";
import { Transitions } from "./transitions.ts";

/** What a guard looks after: one cluster, and what this host is in it. */
export interface Charge {
  cluster: Cluster;
  node: Node;
  password: string | undefined;
  log: Log;
}

const tick_ms = 1000;
const lockWait_s = 15;
const transitions: Readonly<Record<string, Transition>> = {
  MASTER: "MASTER",
  // Still master after a split: the one way to hear of it.
  MASTER_RX_LOWER_PRI: "MASTER",
  BACKUP: "BACKUP",
  FAULT: "FAULT",
  STOP: "STOP",
};

/** The hooks and the monitor of one cluster as one long life: told by connections and by the FIFO, and never asleep. */
export class Guard {
  #charge: Charge;
  readonly paths: Paths;
  readonly #links: Links;
  readonly #transitions: Transitions;
  readonly #failback: Failback;
  readonly #timers: NodeJS.Timeout[] = [];
  #lastWord: Transition | undefined;
  #lastBeat_s = 0;
  /** Our own Redis is gone: whatever a look that began before says, it is unfit. */
  #down = false;
  #runId: string | undefined;
  #checking = false;
  #checkAgain = false;
  #ok: number | undefined;
  #seen: Observation | undefined;
  #verdict: Verdict | undefined;
  #over = false;

  constructor(charge: Charge) {
    this.#charge = charge;
    this.paths = pathsOf(charge.cluster);
    this.#lastWord = newestIntent(this.paths.intents)?.transition;
    this.#links = new Links({
      broke: (name) => this.#broke(name),
      gone: (name, why) => this.#gone(name, why),
      back: (name) => this.#back(name),
    });
    this.#transitions = new Transitions(
      () => this.#ground(),
      () => this.holdsVip,
      () => uptime_s() - this.#lastBeat_s < silent_s,
    );
    this.#failback = new Failback(this.paths, charge.log);
  }

  get charge(): Charge {
    return this.#charge;
  }

  get holdsVip(): boolean {
    return holdsVip(this.#charge.cluster);
  }

  /** For people and for load balancers. */
  get status() {
    const { cluster, node } = this.#charge;
    const peers = peersOf(cluster, node).map((peer) => ({ name: peer.name, answers: this.#links.answers(peer) }));
    const holder = this.holdsVip;
    return { cluster: cluster.name, node: node.name, holder, verdict: this.#verdict, redis: this.#seen, peers };
  }

  /** Rejects when a hook holds the lock for longer than any of its steps may take. */
  async start(): Promise<void> {
    // Hooks that are at work end first; those that come later see the mark and leave the work to us.
    const lock = await takeLock(this.paths.lock, lockWait_s);
    this.#beat();
    lock.release();
    this.#links.set(this.#charge.cluster, this.#charge.password);
    this.#timers.push(
      setInterval(() => this.#beat(), beat_ms),
      setInterval(() => this.#tick(), tick_ms),
    );
  }

  stop(): void {
    this.#over = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#failback.giveUp();
    // From here on the hooks and the monitor do the work.
    rmSync(this.paths.agent, { force: true });
    this.#links.close();
  }

  reload(charge: Charge): void {
    this.#charge = charge;
    this.#links.set(charge.cluster, charge.password);
    this.check();
  }

  /** Keepalived said what this node is now. */
  heard(state: string): void {
    const transition = transitions[state];
    if (!transition) return;
    this.#lastWord = transition;
    this.#want(transition);
  }

  /** Keepalived closed the FIFO. Where it died, its address is still here and no advert is: that would be two holders. */
  async keepalivedSilent(): Promise<void> {
    for (const _ of [1, 2]) {
      if (keepalivedRuns() || !this.holdsVip || this.#over) return;
      await sleep(25);
    }
    const { cluster, node, log } = this.#charge;
    if (!peersOf(cluster, node).some((peer) => this.#links.answers(peer))) {
      log.error("Keepalived is dead, and so is every peer: the virtual IP stays here", {});
      return;
    }
    this.#lastWord = "BACKUP";
    await stepDown(this.#ground());
  }

  /** Looks at our Redis and at what else decides whether it is fit, and has put right what isn't as Keepalived asked for. */
  check(): void {
    this.#checkAgain = true;
    if (!this.#checking) void this.#checkAll();
  }

  async #checkAll(): Promise<void> {
    this.#checking = true;
    while (this.#checkAgain && !this.#over) {
      this.#checkAgain = false;
      try {
        await this.#checkOnce();
      } catch (error) {
        this.#charge.log.error("the check failed", { error: (error as Error).message });
      }
    }
    this.#checking = false;
  }

  async #checkOnce(): Promise<void> {
    const ground = this.#ground();
    const { verdict, news, seen } = await check({
      ...ground,
      latest: () => this.#lastWord && { transition: this.#lastWord, atWork: this.#transitions.atWork },
      again: async (transition) => this.#want(transition),
    });
    if (news) ground.log[news.level](news.message, news.fields);
    this.#verdict = verdict;
    this.#seen = seen ?? this.#seen;
    this.#say(verdict.healthy && !this.#down ? 1 : 0);
    this.#failback.consider(ground, this.#seen, this.holdsVip);
  }

  #tick(): void {
    if (maintenance(this.paths.maintenance, Date.now())) return;
    // What Keepalived wrote may have been lost in a full pipe, or read by somebody else; where the address is, is the truth.
    if (!this.#transitions.atWork) {
      if (this.holdsVip && this.#lastWord !== "MASTER" && keepalivedRuns()) this.heard("MASTER");
      else if (!this.holdsVip && this.#lastWord === "MASTER") this.heard("BACKUP");
    }
    this.check();
  }

  #want(transition: Transition, before?: () => Promise<void>): void {
    if (maintenance(this.paths.maintenance, Date.now())) return;
    this.#transitions.want(transition, before);
  }

  #broke(name: string): void {
    const { cluster, node } = this.#charge;
    const peer = cluster.nodes.find((one) => one.name === name);
    if (!peer || name === node.name || this.holdsVip || this.#transitions.aim === "MASTER") return;
    // Before a master that comes back with nothing can be copied. It is followed again as soon as its history allows.
    this.#want(this.#lastWord === "FAULT" ? "FAULT" : "BACKUP", () => this.#parkReplicaOf(peer));
  }

  async #parkReplicaOf(peer: Node): Promise<void> {
    const { cluster, node, log } = this.#charge;
    const session = await this.#links.open(this.#endpoint(node), cluster.agent.timeout * 1000);
    const seen = await observe(async () => session, session.endpoint, cluster.agent.timeout * 1000);
    if (seen.kind !== "observed" || this.holdsVip) return;
    if (!copiesFrom(seen, { host: peer.address, port: cluster.redis.port })) return;
    await park(session);
    log.info(`lost ${peer.name}: parked`, { step: "park", offset: seen.history.offset });
  }

  #gone(name: string, why: Unreachable): void {
    const { node, log } = this.#charge;
    if (name !== node.name) {
      log.warn(`${name} is gone: ${why.why}`, { detail: why.message });
      return;
    }
    this.#down = true;
    if (!maintenance(this.paths.maintenance, Date.now())) this.#say(0);
    log.warn(`our Redis is gone: ${why.why}`, { detail: why.message });
    this.check();
  }

  #back(name: string): void {
    const { node, log } = this.#charge;
    if (name !== node.name) log.info(`${name} answers`, {});
    else void this.#ownIsBack();
    this.check();
  }

  /** A restarted server may have less than it had, and must not take a write before that is known. */
  async #ownIsBack(): Promise<void> {
    const { cluster, node, log } = this.#charge;
    const deadline_ms = cluster.agent.timeout * 1000;
    const seen = await observe(this.#links.open, this.#endpoint(node), deadline_ms);
    const restarted = seen.kind === "observed" && this.#runId !== undefined && seen.runId !== this.#runId;
    if (seen.kind === "observed") this.#runId = seen.runId;
    if (restarted && seen.role === "master" && !maintenance(this.paths.maintenance, Date.now())) {
      const session = await this.#links.open(this.#endpoint(node), deadline_ms);
      await park(session).catch(() => undefined);
      log.warn("our Redis was restarted as a master: parked until histories are compared", { keys: seen.keys });
    }
    this.#down = false;
    this.check();
  }

  #say(ok: 0 | 1): void {
    const wish = draining(this.paths.drain) ? 0 : ok;
    if (wish === this.#ok) return;
    try {
      writeTrackFile(this.paths.ok, wish);
      this.#ok = wish;
    } catch (error) {
      this.#charge.log.error("can't write the track file", { file: this.paths.ok, error: (error as Error).message });
    }
  }

  #beat(): void {
    try {
      beat(this.paths.agent);
      this.#lastBeat_s = uptime_s();
    } catch (error) {
      this.#charge.log.error("can't write the sign of life", { error: (error as Error).message });
    }
  }

  #endpoint = (node: Node) => endpointOf(this.#charge.cluster, node, this.#charge.password);

  #ground() {
    const { cluster, node, password, log } = this.#charge;
    // What hooks and the monitor allow a server, we need not: we heard from it a moment ago.
    const quick = { ...cluster, monitor: { ...cluster.monitor, timeout: cluster.agent.timeout } };
    const allowDataLoss = cluster.failover.allow_data_loss;
    return { cluster: quick, node, password, log, open: this.#links.open, allowDataLoss, paths: this.paths };
  }
}
