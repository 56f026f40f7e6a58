import type { Lab } from "../lab.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import { Connectivity } from "./connectivity.ts";
import { Effects } from "./effects.ts";
import { type Fault, FaultContext } from "./fault-context.ts";
import { healAll } from "./healing.ts";
import { coldStart, crashLastNode, pauseHost, powerOff } from "./host-faults.ts";
import * as network from "./network-faults.ts";
import type { Action, Kind, RoundPlan } from "./plan.ts";
import { Random } from "./random.ts";
import * as redis from "./redis-faults.ts";
import { expireKeys, slowCommands, writeScript } from "./redis-load.ts";
import type { RunSampler } from "./redis-runs.ts";
import * as services from "./service-faults.ts";
import { wrongMasterauth, wrongPassword } from "./settings-faults.ts";

const faults: Readonly<Record<Kind, Fault>> = {
  "kill-redis": redis.killRedis,
  "hang-redis": redis.hangRedis,
  "sleep-redis": redis.sleepRedis,
  "restart-redis": redis.restartRedis,
  "restart-redis-killed": redis.restartRedisKilled,
  "restart-redis-old": redis.restartRedisOld,
  "restart-redis-empty": redis.restartRedisEmpty,
  "cut-link": network.cutLink,
  "cut-link-one-way": network.cutLinkOneWay,
  "cut-off": network.cutOff,
  "cut-off-silently": network.cutOffSilently,
  "cut-from-client": network.cutFromClient,
  "slow-network": network.slowNetwork,
  "slow-link": network.slowLink,
  "block-vrrp": network.blockVrrp,
  "block-vrrp-one-way": network.blockVrrpOneWay,
  "stop-keepalived": services.stopKeepalived,
  "kill-keepalived": services.killKeepalived,
  "hang-keepalived": services.hangKeepalived,
  "reload-keepalived": services.reloadKeepalived,
  "kill-hook": services.killHook,
  "kill-agent": services.killAgent,
  "hang-agent": services.hangAgent,
  "fill-disk": services.fillTheDisk,
  drain: services.drain,
  "planned-move": services.plannedMove,
  "power-off": powerOff,
  "pause-host": pauseHost,
  "cold-start": coldStart,
  "crash-last-node": crashLastNode,
  "slow-commands": slowCommands,
  "write-script": writeScript,
  "expire-keys": expireKeys,
  "wrong-masterauth": wrongMasterauth,
  "wrong-password": wrongPassword,
};

/** These move no role, and so explain no change of it. A hook that was killed does, from then on. */
const unmoving: readonly Kind[] = ["expire-keys", "cut-from-client", "fill-disk", "kill-hook"];

/** Injects the faults of a round into a lab, and repairs all of them at its end. */
export class Faults {
  readonly context: FaultContext;

  readonly #effects: Effects;

  constructor(lab: Lab, sampler: RunSampler, print: (text: string) => void, effects = new Effects()) {
    this.#effects = effects;
    this.context = new FaultContext(lab, sampler, new Connectivity(), print);
  }

  async prepare({ actions }: RoundPlan): Promise<void> {
    if (actions.some(({ kind }) => kind === "restart-redis-old")) await redis.keepPresentData(this.context.lab);
  }

  /** Runs all actions of the plan at their times, and then repairs everything. */
  async carryOut(plan: RoundPlan, master: Server, replicas: readonly Server[]): Promise<void> {
    const { context } = this;
    const start_ms = monotonic_ms();
    const running: Promise<void>[] = [];
    const moves: Promise<void>[] = [];
    for (const action of plan.actions) {
      await sleep(start_ms + action.at_ms - monotonic_ms());
      const which = replicas.length > 1 ? new Random(action.for_ms, action.at_ms).whole(0, replicas.length - 1) : 0;
      const replica = replicas[which] as Server;
      const [server, peer] = action.target === "master" ? [master, replica] : [replica, master];
      (action.kind === "planned-move" ? moves : running).push(this.#run(action, server, peer));
    }
    await sleep(start_ms + plan.heal_at_ms - monotonic_ms());
    context.print("repairing");
    context.event();
    context.healing.abort();
    await Promise.all(running);
    await healAll(context, plan.healing);
    context.event();
    context.print("repaired");
    // An operator's command may have waited for the repair.
    await Promise.all(moves);
  }

  async #run({ kind, target, at_ms, for_ms }: Action, server: Server, peer: Server): Promise<void> {
    const lasting = for_ms > 0 ? ` for ${for_ms} ms` : "";
    this.context.print(`${kind} ${server.name}, the ${target}${lasting}`);
    this.context.touches.push({ at_ms: monotonic_ms(), kind, server: server.name });
    if (!unmoving.includes(kind)) this.context.event();
    try {
      await faults[kind](this.context, { server, peer, for_ms, random: new Random(at_ms, for_ms) });
      this.#effects.add(kind, true);
    } catch (error) {
      this.#effects.add(kind, false);
      this.context.print(`${kind} ${server.name}: no effect: ${(error as Error).message.split("\n")[0]}`);
    }
  }
}
