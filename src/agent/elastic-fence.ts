import { writeFence } from "../decide/write-fence.ts";
import type { Observation, Reachability } from "../model/observation.ts";
import { endpointOf } from "../redis/session.ts";
import { anyReachable } from "../system/reachable.ts";
import type { Ground } from "./ground.ts";
import { anotherMaster } from "./other-master.ts";

// Replicas acknowledge once a second; a lag of three says that at least two of these did not come.
const lag_s = 3;

/** Carries out what `writeFence` decides, and lifts the fence at the agent's end: nobody else would. */
export class ElasticFence {
  /** As we set it in this process of Redis; undefined where an agent before us, or nobody, did. */
  #on: boolean | undefined;
  #runId = "";
  #busy = false;

  async consider(
    ground: Ground,
    seen: Observation | undefined,
    holdsVip: boolean,
    peers: readonly Reachability[],
  ): Promise<void> {
    const { failover, monitor } = ground.cluster;
    if (seen?.kind !== "observed" || this.#busy || !(failover.elastic_fence || this.#on)) return;
    this.#busy = true;
    if (seen.runId !== this.#runId) [this.#on, this.#runId] = [undefined, seen.runId];
    try {
      const alone = failover.witnesses.length > 0 && peers.includes("silent");
      const witnessed = alone && (await anyReachable(failover.witnesses, monitor.timeout * 1000));
      const otherMaster = this.#on !== false && (await anotherMaster(ground, seen));
      const around = { ours: seen, holdsVip, peers, otherMaster, witnessed };
      const wish = failover.elastic_fence ? writeFence(around) : "off";
      if (wish !== "leave" && (wish === "on") !== this.#on) await this.#set(ground, wish === "on");
    } finally {
      this.#busy = false;
    }
  }

  async lift(ground: Ground): Promise<void> {
    if (this.#on) await this.#set(ground, false);
  }

  async #set({ cluster, node, password, open, log }: Ground, on: boolean): Promise<void> {
    try {
      const session = await open(endpointOf(cluster, node, password), cluster.agent.timeout * 1000);
      if (on) await session.ask("CONFIG", "SET", "min-replicas-max-lag", String(lag_s));
      await session.ask("CONFIG", "SET", "min-replicas-to-write", on ? "1" : "0");
      this.#on = on;
      log.info(on ? "elastic fence: writes need a replica from now on" : "elastic fence: lifted");
    } catch (error) {
      log.warn("can't set the elastic fence", { error: (error as Error).message });
    }
  }
}
