import { copyFileSync, existsSync, rmSync } from "node:fs";
import type { Lab } from "../lab.ts";
import { processesOf } from "../machine/host-processes.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { clusterName } from "../server/cluster-file.ts";
import type { Server } from "../server/server.ts";
import { Connectivity } from "./connectivity.ts";
import { boot, emptyDisk, envWords, fillDisk, hookName } from "./fault-commands.ts";
import { waitForNeighbours } from "./neighbours.ts";
import type { Action, Component, Kind, RoundPlan } from "./plan.ts";
import type { RunSampler } from "./redis-runs.ts";

const dumpPath = "/var/lib/redis/dump.rdb";
const oldDumpPath = "/var/lib/redis-before-the-round.rdb";
const drainMark = `/run/keepalived-redis/${clusterName}/drain`;

/** Injects the faults of a round into a lab, and repairs all of them at its end. */
export class Faults {
  readonly connectivity = new Connectivity();
  readonly #lab: Lab;
  readonly #sampler: RunSampler;
  readonly #print: (text: string) => void;
  #healing = new AbortController();

  constructor(lab: Lab, sampler: RunSampler, print: (text: string) => void) {
    this.#lab = lab;
    this.#sampler = sampler;
    this.#print = print;
  }

  /** Keeps the present data of each server for the fault restart-redis-old. */
  async prepare({ actions }: RoundPlan): Promise<void> {
    if (!actions.some(({ kind }) => kind === "restart-redis-old")) return;
    const command = ["redis-cli", "-s", "/run/redis/redis.sock", "--rdb", oldDumpPath];
    const env = { REDISCLI_AUTH: this.#lab.password ?? "" };
    await Promise.all(
      this.#lab.servers.map((server) => server.must(["env", ...envWords(env), ...command], { deadline_ms: 20_000 })),
    );
  }

  /** Runs all actions of the plan at their times, and then repairs everything. */
  async carryOut(plan: RoundPlan, master: Server, replica: Server): Promise<void> {
    this.#healing = new AbortController();
    const start_ms = monotonic_ms();
    const running: Promise<void>[] = [];
    for (const action of plan.actions) {
      await sleep(start_ms + action.at_ms - monotonic_ms());
      const [server, peer] = action.target === "master" ? [master, replica] : [replica, master];
      running.push(this.#run(action, server, peer));
    }
    await sleep(start_ms + plan.heal_at_ms - monotonic_ms());
    this.#print("repairing");
    this.#healing.abort();
    await Promise.all(running);
    await this.#heal(plan.healing);
    this.#print("repaired");
  }

  async #run(action: Action, server: Server, peer: Server): Promise<void> {
    const lasting = action.for_ms > 0 ? ` for ${action.for_ms} ms` : "";
    this.#print(`${action.kind} ${server.name}, the ${action.target}${lasting}`);
    try {
      await this.#act[action.kind](server, action.for_ms, peer);
    } catch (error) {
      this.#print(`${action.kind} ${server.name}: no effect: ${(error as Error).message.split("\n")[0]}`);
    }
  }

  readonly #act: Record<Kind, (server: Server, for_ms: number, peer: Server) => Promise<void>> = {
    "kill-redis": (server) => this.#kill(server, "kill -9"),
    "hang-redis": async (server, for_ms) => {
      if (!server.redisRuns) throw new Error("no Redis runs");
      this.connectivity.interrupted(`hung ${server.name}`, monotonic_ms());
      await server.hangRedis();
      if (await this.#lasts(for_ms)) await this.#resume(server);
    },
    "sleep-redis": async (server, for_ms) => {
      this.connectivity.interrupted(`asleep ${server.name}`, monotonic_ms());
      const socket = server.redisSocket();
      const reply = await socket.ask(["DEBUG", "SLEEP", String(for_ms / 1000)], 60_000).finally(() => socket.close());
      this.connectivity.restored(`asleep ${server.name}`, monotonic_ms());
      if (reply !== "OK") throw new Error(String(reply));
    },
    "slow-network": async (server, for_ms) => {
      // Some kernels lack netem; all have the token bucket filter.
      await server.delay(20).catch(() => server.bandwidth(2));
      if (await this.#lasts(for_ms)) await server.delay(0);
    },
    "restart-redis": async (server, for_ms) => {
      // A server with snapshot rules saves before it ends, so that no data is lost.
      const saves = (await server.redis("CONFIG", "GET", "save")) as string[];
      if (!saves[1]) this.#sampler.crashed(server.name, `${server.name} ended without snapshots`);
      await server.stopRedis();
      await this.#startAfter(server, for_ms);
    },
    "restart-redis-killed": async (server, for_ms) => {
      await this.#kill(server, "kill -9, restart");
      await this.#startAfter(server, for_ms);
    },
    "restart-redis-old": async (server, for_ms) => {
      await this.#kill(server, "kill -9, restart with old data");
      if (existsSync(server.disk.at(oldDumpPath))) copyFileSync(server.disk.at(oldDumpPath), server.disk.at(dumpPath));
      await this.#startAfter(server, for_ms);
    },
    "restart-redis-empty": async (server, for_ms) => {
      await this.#kill(server, "kill -9, restart empty");
      rmSync(server.disk.at(dumpPath), { force: true });
      await this.#startAfter(server, for_ms);
    },
    "cut-link": (server, for_ms, peer) =>
      this.#cut(
        "link",
        () => server.cutFrom(peer),
        () => server.healFrom(peer),
        for_ms,
      ),
    "cut-link-one-way": (server, for_ms, peer) =>
      this.#cut(
        "link",
        () => server.cutFrom(peer, { oneWay: true }),
        () => server.healFrom(peer),
        for_ms,
      ),
    "cut-off": (server, for_ms) => this.#cutOff(server, for_ms, false),
    "cut-off-silently": (server, for_ms) => this.#cutOff(server, for_ms, true),
    "cut-from-client": async (server, for_ms) => {
      await server.cutFrom(this.#lab.client);
      if (await this.#lasts(for_ms)) await server.healFrom(this.#lab.client);
    },
    "stop-keepalived": async (server, for_ms) => {
      await server.stopKeepalived();
      if (await this.#lasts(for_ms)) await server.startKeepalived();
    },
    "kill-keepalived": async (server, for_ms) => {
      await server.killKeepalived();
      if (await this.#lasts(for_ms)) await server.startKeepalived();
    },
    "hang-keepalived": async (server, for_ms) => {
      await server.hangKeepalived();
      if (await this.#lasts(for_ms)) await server.resumeKeepalived();
    },
    "reload-keepalived": (server) => server.reloadKeepalived(),
    "kill-hook": (server, age_ms) => this.#killHook(server, age_ms),
    "fill-disk": async (server, for_ms) => {
      await server.must(["sh", "-c", fillDisk]);
      if (await this.#lasts(for_ms)) await server.must(["sh", "-c", emptyDisk]);
    },
    drain: async (server, for_ms) => {
      await server.must(["sh", "-c", `echo 1 >${drainMark}.new && mv ${drainMark}.new ${drainMark}`]);
      if (await this.#lasts(for_ms)) await server.must(["rm", "-f", drainMark]);
    },
    "power-off": async (server, for_ms) => {
      this.#sampler.crashed(server.name, `power cut of ${server.name}`);
      await server.powerOff();
      if (await this.#lasts(for_ms)) await boot(server, this.#lab);
    },
    "kill-agent": async (server, for_ms) => {
      await server.killAgent();
      if (await this.#lasts(for_ms)) await server.startAgent();
    },
    "hang-agent": async (server, for_ms) => {
      await server.hangAgent();
      if (await this.#lasts(for_ms)) await server.resumeAgent();
    },
  };

  async #kill(server: Server, how: string): Promise<void> {
    if (!server.redisRuns) throw new Error("no Redis runs");
    this.#sampler.crashed(server.name, `${how} of ${server.name}`);
    await server.killRedis();
    this.connectivity.restored(`hung ${server.name}`, monotonic_ms());
    this.connectivity.restored(`asleep ${server.name}`, monotonic_ms());
  }

  async #startAfter(server: Server, ms: number): Promise<void> {
    if (ms > 0) await this.#lasts(ms);
    if (server.isOn) await server.startRedis();
  }

  async #resume(server: Server): Promise<void> {
    await server.resumeRedis();
    this.connectivity.restored(`hung ${server.name}`, monotonic_ms());
  }

  async #cutOff(server: Server, for_ms: number, silently: boolean): Promise<void> {
    const heal = () => server.heal();
    await this.#cut(`cut off ${server.name}`, () => server.cutOff({ silently }), heal, for_ms);
  }

  readonly #cuts = new Set<string>();

  async #cut(what: string, cut: () => Promise<void>, heal: () => Promise<void>, for_ms: number): Promise<void> {
    if (this.#cuts.has(what)) throw new Error("it is cut already");
    this.#cuts.add(what);
    this.connectivity.interrupted(what, monotonic_ms());
    await cut();
    if (!(await this.#lasts(for_ms)) || !this.#cuts.has(what)) return;
    await heal();
    await waitForNeighbours(this.#lab.servers);
    if (this.#cuts.delete(what)) this.connectivity.restored(what, monotonic_ms());
  }

  async #killHook(server: Server, age_ms: number): Promise<void> {
    while (!this.#healing.signal.aborted) {
      const hook = server.firstProcess === undefined ? undefined : processesOf(server.firstProcess).find(hookName);
      if (hook) {
        await sleep(age_ms);
        try {
          process.kill(hook.pid, "SIGKILL");
          this.#print(`killed ${hookName(hook)} on ${server.name}`);
        } catch {
          this.#print("the hook had ended already");
        }
        return;
      }
      await sleep(5);
    }
  }

  /** Waits for so long, or with 0 until the end of the round. False if the repair at the end of the round comes first. */
  async #lasts(ms: number): Promise<boolean> {
    const { signal } = this.#healing;
    const end = ms === 0 ? Number.POSITIVE_INFINITY : monotonic_ms() + ms;
    while (!signal.aborted && monotonic_ms() < end) await sleep(Math.min(5, Math.max(0, end - monotonic_ms())));
    return !signal.aborted;
  }

  async #heal(parts: readonly Component[]): Promise<void> {
    const { servers } = this.#lab;
    for (const server of servers) {
      if (!server.isOn) await boot(server, this.#lab);
      if (this.#lab.withAgents && server.agentRuns) await server.resumeAgent();
      else if (this.#lab.withAgents) await server.startAgent();
      await server.must(["sh", "-c", `rm -f ${drainMark}; ${emptyDisk}`]);
    }
    for (const part of parts) await this.#healPart[part]();
  }

  readonly #healPart: Record<Component, () => Promise<void>> = {
    network: async () => {
      const [one, other] = this.#lab.servers as [Server, Server];
      await one.healFrom(other);
      for (const server of [one, other]) {
        await server.delay(0);
        await server.healFrom(this.#lab.client);
        await server.heal();
      }
      await waitForNeighbours(this.#lab.servers);
      for (const what of this.#cuts) this.connectivity.restored(what, monotonic_ms());
      this.#cuts.clear();
    },
    redis: async () => {
      await Promise.all(
        this.#lab.servers.map(async (server) => {
          if (server.redisRuns) await this.#resume(server);
          await server.startRedis();
        }),
      );
    },
    keepalived: async () => {
      await Promise.all(
        this.#lab.servers.map(async (server) => {
          if (server.keepalivedRuns) await server.resumeKeepalived();
          await server.startKeepalived();
        }),
      );
    },
  };
}
