import { setTimeout as sleep } from "node:timers/promises";
import { moveProgress } from "../decide/move-progress.ts";
import { copiesFrom, otherMasters } from "../decide/situation.ts";
import type { PlanContext } from "../failover/context.ts";
import { holdsVip, vipOf } from "../keepalived/virtual-ip.ts";
import type { Here, Peer, Situation } from "../model/situation.ts";
import { observeCluster } from "../redis/observe-cluster.ts";
import type { Sessions } from "../redis/sessions.ts";
import { hostPort } from "../system/host-port.ts";
import { anyReachable } from "../system/reachable.ts";

const every_ms = 20;
// The next check of the old master, and Keepalived's election.
const settle_ms = 10_000;

/** Follows a planned move from the host of the command that began it. */
export class MoveWatch {
  readonly #context: PlanContext;
  readonly #sessions: Sessions;
  readonly #target: string;
  readonly #hadVip: boolean;
  #served_ms = performance.now();

  constructor(context: PlanContext, sessions: Sessions, target: string) {
    this.#context = context;
    this.#sessions = sessions;
    this.#target = target;
    this.#hadVip = target !== context.node.name && holdsVip(context.cluster);
  }

  /** Resolves once the target is master and has a replica; otherwise with why the move was given up. */
  async untilMoved(deadline_ms: number): Promise<string | undefined> {
    const started_ms = performance.now();
    for (;;) {
      this.#context.proceed();
      const { moved, served } = await this.#look();
      const now_ms = performance.now();
      if (served) this.#served_ms = now_ms;
      const progress = moveProgress({
        moved,
        outage_s: (now_ms - this.#served_ms) / 1000,
        elapsed_s: (now_ms - started_ms) / 1000,
        deadline_s: deadline_ms / 1000,
        handover_s: this.#context.cluster.failover.handover_timeout,
      });
      if (progress.is === "moved") return undefined;
      if (progress.is === "given-up") return progress.because;
      await sleep(every_ms);
    }
  }

  /** After the drain has ended: whether the target became master in spite of it. Waits until one of both serves. */
  async untilSettled(): Promise<boolean> {
    for (const end_ms = performance.now() + settle_ms; performance.now() < end_ms; await sleep(every_ms)) {
      this.#context.proceed();
      const { moved, served } = await this.#look();
      if (moved || served) return moved;
    }
    return false;
  }

  async #look(): Promise<{ moved: boolean; served: boolean }> {
    const { cluster } = this.#context;
    const known = { ...this.#context, holdsVip: holdsVip(cluster) };
    const situation = await observeCluster(this.#context, this.#sessions, known);
    return { moved: hasMoved(situation, this.#target), served: await this.#served(situation) };
  }

  /** Whether clients reach the old master, as far as this host can tell. */
  async #served({ node, peers }: Situation): Promise<boolean> {
    if (this.#hadVip) return node.holdsVip;
    // It arrived here: the role has yet to follow.
    if (node.holdsVip) return false;
    const { cluster } = this.#context;
    const master = otherMasters({ peers }).some(({ name }) => name !== this.#target);
    return (
      master && (await anyReachable([hostPort(vipOf(cluster), cluster.redis.port)], cluster.monitor.timeout * 1000))
    );
  }
}

/** The target is master, holds the virtual IP as far as this host can tell, and has a replica. */
function hasMoved({ node, peers }: Situation, target: string): boolean {
  const all: (Here | Peer)[] = [node, ...peers];
  const there = all.find(({ name }) => name === target);
  if (there?.seen.kind !== "observed" || there.seen.role !== "master") return false;
  if (target === node.name && !node.holdsVip) return false;
  return all.some(({ seen }) => seen.kind === "observed" && copiesFrom(seen, there) && seen.source?.link === "up");
}
