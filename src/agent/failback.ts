import { rmSync } from "node:fs";
import { priorityOf } from "../cluster/local-node.ts";
import type { Paths } from "../cluster/paths.ts";
import type { Node } from "../cluster/schema.ts";
import type { Log } from "../model/log.ts";
import type { Observation } from "../model/observation.ts";
import { observeOnce } from "../redis/observe.ts";
import { endpointOf } from "../redis/session.ts";
import { startDrain } from "../state/drain.ts";
import { uptime_s } from "../system/clock.ts";
import { partFromClients } from "./client-access.ts";
import type { Ground } from "./ground.ts";

/** So long the preferred node must have been in sync: one that comes and goes is no place to go back to. */
const steady_s = 5;
const giveUp_s = 5;
const again_s = 60;

/**
 * `failover.failback = "auto"`: once the node with the highest priority is a synced replica again, this holder asks
 * Keepalived to give the virtual IP away; the transition that follows there hands the role over with nothing lost.
 */
export class Failback {
  readonly #paths: Paths;
  readonly #log: Log;
  #syncedSince_s: number | undefined;
  #draining: { since_s: number } | undefined;
  #notBefore_s = 0;

  constructor(paths: Paths, log: Log) {
    this.#paths = paths;
    this.#log = log;
  }

  /** Asked with every look. */
  consider(ground: Ground, seen: Observation | undefined, holder: boolean): void {
    const { cluster, node } = ground;
    const now_s = uptime_s();
    if (this.#draining) {
      const late = now_s - this.#draining.since_s > giveUp_s;
      if (holder && !late) return;
      if (late) this.#log.warn("failback: the virtual IP did not move, giving up for now", { again_s });
      this.#putOff();
      return;
    }
    const [preferred] = [...cluster.nodes].sort((a, b) => priorityOf(cluster, b) - priorityOf(cluster, a));
    const due = cluster.failover.failback === "auto" && holder && preferred?.name !== node.name;
    const synced =
      due && seen?.kind === "observed" && seen.role === "master"
        ? seen.replicas.some(({ host, online, lag_s }) => host === preferred?.address && online && lag_s <= 1)
        : false;
    this.#syncedSince_s = synced ? (this.#syncedSince_s ?? now_s) : undefined;
    if (this.#syncedSince_s === undefined || now_s - this.#syncedSince_s < steady_s || now_s < this.#notBefore_s)
      return;
    this.#log.info(`failback: giving the role back to ${preferred?.name}`, {});
    this.#draining = { since_s: now_s };
    void this.#drain(ground, preferred as Node);
  }

  async #drain(ground: Ground, preferred: Node): Promise<void> {
    const { cluster, password, open } = ground;
    // The same password opens both, as a rule: who is not let in there could not be let in here when the role is to change.
    const seen = await observeOnce(open, endpointOf(cluster, preferred, password), cluster.agent.timeout * 1000);
    try {
      if (seen.kind !== "observed") throw new Error(seen.detail);
      await partFromClients(ground);
      if (this.#draining) startDrain(this.#paths.drain);
    } catch (error) {
      this.#log.error("failback: given up for now", { again_s, error: (error as Error).message });
      this.#putOff();
    }
  }

  #putOff(): void {
    this.giveUp();
    this.#notBefore_s = uptime_s() + again_s;
  }

  giveUp(): void {
    if (this.#draining) rmSync(this.#paths.drain, { force: true });
    this.#draining = undefined;
    this.#syncedSince_s = undefined;
  }
}
