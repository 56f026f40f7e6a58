import { peersOf } from "../cluster/local-node.ts";
import { type Paths, pathsOf } from "../cluster/paths.ts";
import { holdsVip } from "../keepalived/virtual-ip.ts";
import type { Observation, Reachability } from "../model/observation.ts";
import type { Transition } from "../model/transition.ts";
import type { Unreachable } from "../redis/session.ts";
import { inMaintenance } from "../state/maintenance.ts";
import { newestMark } from "../state/transition-marks.ts";
import { alignedTimer } from "../system/aligned-timer.ts";
import { hostAddresses } from "../system/host-addresses.ts";
import { keepalivedRuns } from "../system/processes.ts";
import { Fitness } from "./agent-health.ts";
import type { Charge } from "./charge.ts";
import { ElasticFence } from "./elastic-fence.ts";
import { Failback } from "./failback.ts";
import { type Ground, groundOf } from "./ground.ts";
import { SignOfLife } from "./heartbeat.ts";
import { Links } from "./links.ts";
import { OwnReturn } from "./local-redis-restart.ts";
import { anotherMaster } from "./other-master.ts";
import { parkReplicaOf } from "./parking.ts";
import { Pace } from "./polling-interval.ts";
import { StepDown } from "./step-down.ts";
import { Transitions } from "./transitions.ts";
import { LastWord } from "./vrrp-state.ts";
import { rehearse } from "./warm-up.ts";

const tick_ms = 1000;
const rehearse_ms = 60_000;
/** The hooks and the monitor of one cluster as one long life: told by connections and by the FIFO, and never asleep. */
export class Guard {
  readonly paths: Paths;
  charge: Charge;
  #ends: (() => void)[] = [];
  readonly #lastWord: LastWord;
  readonly #signOfLife: SignOfLife;
  readonly #failback: Failback;
  readonly #pace = new Pace(() => this.#lastWord.transition === "MASTER");
  readonly #elasticFence = new ElasticFence();
  readonly #stepDown = new StepDown({
    ground: () => this.#ground(),
    holdsVip: () => this.holdsVip,
    peerAnswers: () => this.#peers.some(({ reach }) => reach === "answers"),
  });
  readonly #links = new Links({
    broke: (name) => this.#lost(name, "connection"),
    gone: (name, why) => this.#gone(name, why),
    back: (name) => this.#back(name),
    patient: (name) => name === this.charge.node.name && this.#pace.patient,
    pause_ms: (name) => this.#pace.pause_ms(name === this.charge.node.name, this.charge.cluster.agent.interval * 1000),
  });
  readonly #transitions = new Transitions(
    () => this.#ground(),
    () => this.holdsVip,
    () => this.#signOfLife.fresh,
  );
  readonly #fitness = new Fitness({
    ground: () => this.#ground(),
    latest: () => ({ transition: this.#lastWord.transition, atWork: this.#transitions.atWork }),
    repair: (transition) => this.#repair(transition),
    looked: (seen, holder) => this.#looked(seen, holder),
  });
  readonly #ownReturn = new OwnReturn({
    ground: () => this.#ground(),
    byHand: () => this.#atWorkByHand(),
    comparing: () => this.#transitions.atWork,
    back: () => this.#fitness.back(),
  });

  constructor(charge: Charge) {
    this.charge = charge;
    this.paths = pathsOf(charge.cluster);
    this.#lastWord = new LastWord(newestMark(this.paths.transitionMarks)?.transition);
    this.#signOfLife = new SignOfLife(this.paths, charge.log);
    this.#failback = new Failback(this.paths, charge.log);
  }

  get holdsVip(): boolean {
    return holdsVip(this.charge.cluster);
  }

  /** For people and for load balancers. */
  get status() {
    const { cluster, node } = this.charge;
    const { verdict, seen } = this.#fitness;
    const peers = this.#peers.map(({ name, reach }) => ({ name, answers: reach === "answers" }));
    return { cluster: cluster.name, node: node.name, holder: this.holdsVip, verdict, redis: seen, peers };
  }

  get #peers(): { name: string; reach: Reachability }[] {
    const { cluster, node } = this.charge;
    return peersOf(cluster, node).map((peer) => ({ name: peer.name, reach: this.#links.reach(peer) }));
  }

  async start(): Promise<void> {
    await this.#signOfLife.start();
    this.#links.set(this.charge.cluster, this.charge.password);
    this.#ends = [
      alignedTimer(tick_ms, () => this.#tick()),
      alignedTimer(rehearse_ms, () => void rehearse(this.#ground())),
    ];
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    this.#fitness.stop();
    this.#failback.giveUp();
    await this.#elasticFence.lift(this.#ground());
    this.#links.close();
    this.#signOfLife.stop();
  }

  reload(charge: Charge): void {
    this.charge = charge;
    this.#links.set(charge.cluster, charge.password);
    this.#fitness.check();
  }

  /** Keepalived said what this node is now. */
  heard(state: string): void {
    const transition = this.#lastWord.heard(state);
    if (transition) this.#want(transition);
  }

  #looked(seen: Observation | undefined, holder: boolean): void {
    const ground = this.#ground();
    this.#pace.looked(seen);
    const reaches = this.#peers.map(({ reach }) => reach);
    this.#failback.consider(ground, seen, holder);
    void this.#elasticFence.consider(ground, seen, holder, reaches);
  }

  /** Keepalived closed the FIFO, or doesn't do as told. Where it died its address is still here: that would be two holders. */
  async keepalivedSilent(hangs = false): Promise<void> {
    if (!this.#atWorkByHand() && (await this.#stepDown.consider(hangs))) this.#lastWord.heard("BACKUP");
  }

  #tick(): void {
    if (this.#atWorkByHand()) return;
    const addresses = hostAddresses();
    const holder = holdsVip(this.charge.cluster, addresses);
    const missed = this.#transitions.atWork ? undefined : this.#lastWord.missed(holder, keepalivedRuns);
    if (missed) this.#want(missed);
    this.#fitness.check(addresses);
    if (this.#fitness.unheard) void this.keepalivedSilent(true);
    if (holder) void this.#beTheOnlyMaster();
  }

  /** Keepalived may settle who holds the address before the nodes see each other again: so every second, is there another one? */
  async #beTheOnlyMaster(): Promise<void> {
    if (this.#transitions.atWork) return;
    const ours = this.#fitness.seen;
    if (ours?.kind !== "observed" || ours.role !== "master") return;
    if (await anotherMaster(this.#ground(), ours)) this.#want("MASTER");
  }

  /**
   * What a lost line or a restart of ours left undone. Never against another master: while two nodes have the virtual IP it is
   * Keepalived who says which of them it is, and one that can't say so is unfit.
   */
  async #repair(transition: Transition): Promise<void> {
    if (transition !== "MASTER" || !(await anotherMaster(this.#ground()))) this.#want(transition);
  }

  #lost(name: string, what: "connection" | "server"): void {
    const { cluster, node } = this.charge;
    const peer = peersOf(cluster, node).find((one) => one.name === name);
    if (!peer || this.holdsVip || this.#transitions.aim === "MASTER" || this.#atWorkByHand()) return;
    this.#transitions.send(async () => {
      if (await parkReplicaOf(peer, what, this.#ground(), () => !this.holdsVip)) this.#fitness.parked();
    });
  }

  #gone(name: string, { why, message }: Unreachable): void {
    const { node, log } = this.charge;
    const own = name === node.name;
    if (own && !this.#atWorkByHand()) this.#fitness.gone();
    if (!own) this.#lost(name, "server");
    log.warn(own ? `our Redis is gone: ${why}` : `${name} is gone: ${why}`, { detail: message });
  }

  #back(name: string): void {
    const { node, log } = this.charge;
    this.#fitness.check();
    if (name === node.name) return void this.#ownReturn.happened();
    log.info(`${name} answers`);
    if (this.holdsVip) void this.#beTheOnlyMaster();
    else this.#want(this.#lastWord.transition === "FAULT" ? "FAULT" : "BACKUP");
  }

  #want(transition: Transition): void {
    if (!this.#atWorkByHand()) this.#transitions.want(transition);
  }

  #atWorkByHand = (): boolean => inMaintenance(this.paths.maintenance, Date.now());

  #ground = (): Ground => groundOf(this.charge, this.paths, this.#links.open);
}
