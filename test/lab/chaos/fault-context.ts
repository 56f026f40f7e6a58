import { existsSync } from "node:fs";
import { setTimeout as sleepUntil } from "node:timers/promises";
import type { Lab } from "../lab.ts";
import { monotonic_ms } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import type { Interval } from "../watch/intervals.ts";
import type { Connectivity } from "./connectivity.ts";
import { waitForNeighbours } from "./neighbours.ts";
import type { Random } from "./random.ts";
import type { RunSampler } from "./redis-runs.ts";
import type { Touch } from "./untouched.ts";

const untilAborted_ms = 2 ** 30;

/** Where a fault happens, and for how long; 0: until the repair at the end of the round. */
export interface FaultPlace {
  server: Server;
  peer: Server;
  for_ms: number;
  /** For what the plan does not say. The same plan gives the same numbers. */
  random: Random;
}

export type Fault = (context: FaultContext, place: FaultPlace) => Promise<void>;

/** What the faults of a round share. */
export class FaultContext {
  readonly lab: Lab;
  readonly sampler: RunSampler;
  readonly connectivity: Connectivity;
  readonly print: (text: string) => void;
  /** When something new happened to the cluster: only that may change who is master. */
  readonly events_ms: number[] = [];
  /** While a command of the operator ran, which may change it as often as it needs. */
  readonly typed_ms: Interval[] = [];
  /** The faults so far. */
  readonly touches: Touch[] = [];
  /** What a fault found wrong itself. */
  readonly problems: string[] = [];
  /** Cuts between hosts that last. */
  readonly cuts = new Set<string>();
  /** The link between the hosts lost packets for a while. */
  packetsWereLost = false;
  /** Whose masterauth is wrong. */
  readonly wrongMasterauth = new Set<Server>();
  /** Aborted when the repair at the end of the round begins. */
  healing = new AbortController();

  constructor(lab: Lab, sampler: RunSampler, connectivity: Connectivity, print: (text: string) => void) {
    this.lab = lab;
    this.sampler = sampler;
    this.connectivity = connectivity;
    this.print = print;
  }

  event(): void {
    this.events_ms.push(monotonic_ms());
  }

  /** What an operator types may move the role more than once: a node copies from a peer, which is promoted for that. */
  async typed<T>(work: () => Promise<T>): Promise<T> {
    const start_ms = monotonic_ms();
    return work().finally(() => {
      this.typed_ms.push({ start_ms, end_ms: monotonic_ms() });
      this.event();
    });
  }

  /** Waits for so long. False if the repair at the end of the round comes first. */
  async pause(ms: number): Promise<boolean> {
    const { signal } = this.healing;
    await sleepUntil(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }

  /** As `pause`, or with 0 until the end of the round. */
  stays(ms: number): Promise<boolean> {
    return this.pause(ms === 0 ? untilAborted_ms : ms);
  }

  /** As `stays`, of a fault whose end is an event, too. */
  async lasts(ms: number): Promise<boolean> {
    const ended = await this.stays(ms);
    if (ended) this.event();
    return ended;
  }

  interrupted(reason: string): void {
    this.connectivity.interrupted(reason, monotonic_ms());
  }

  restored(reason: string): void {
    this.connectivity.restored(reason, monotonic_ms());
  }

  async killRedis(server: Server, how: string): Promise<void> {
    if (!server.redisRuns) throw new Error("no Redis runs");
    this.sampler.crashed(server.name, `${how} of ${server.name}`);
    await server.killRedis();
    this.restored(`hung ${server.name}`);
    this.restored(`asleep ${server.name}`);
  }

  async startRedisAfter(server: Server, ms: number): Promise<void> {
    if (ms > 0) await this.lasts(ms);
    if (server.isOn) await server.startRedis();
  }

  /** Starts all services at the same time, as a host does. */
  async boot(server: Server): Promise<void> {
    await server.powerOn();
    // All its processes are new, and it has a new cable.
    for (const what of ["hung", "paused", "asleep"]) this.restored(`${what} ${server.name}`);
    if (this.lab.withAgents) await server.startAgent();
    await Promise.all([server.startRedis(), server.startKeepalived()]);
    const cut = `cut off ${server.name}`;
    if (!this.cuts.has(cut)) return;
    await waitForNeighbours(this.lab.servers);
    if (this.cuts.delete(cut)) this.restored(cut);
  }
}

export const isFile = (server: Server, path: string): boolean => existsSync(server.disk.at(path));
