import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import type { Lab } from "../lab.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import { processesOf } from "../machine/processes.ts";
import { clusterName } from "../server/cluster-file.ts";
import type { Server } from "../server/server.ts";
import { Contact } from "./contact.ts";
import { keptFolder, quarantineFolder } from "./dumps.ts";
import { inSight } from "./in-sight.ts";
import type { Action, Kind, Part, RoundPlan } from "./plan.ts";
import type { Sampler } from "./samples.ts";

const dumpPath = "/var/lib/redis/dump.rdb";
const oldDumpPath = "/var/lib/redis-before-the-round.rdb";
const drainMark = `/run/keepalived-redis/${clusterName}/drain`;

/** Carries out the faults of a round on a lab, and undoes all of them at its end. */
export class Faults {
  readonly contact = new Contact();
  readonly #lab: Lab;
  readonly #sampler: Sampler;
  readonly #say: (text: string) => void;
  #healing = new AbortController();

  constructor(lab: Lab, sampler: Sampler, say: (text: string) => void) {
    this.#lab = lab;
    this.#sampler = sampler;
    this.#say = say;
  }

  /** What some faults need to be there before: data of an earlier time. */
  async prepare({ actions }: RoundPlan): Promise<void> {
    if (!actions.some(({ kind }) => kind === "restart-redis-old")) return;
    const command = ["redis-cli", "-s", "/run/redis/redis.sock", "--rdb", oldDumpPath];
    const env = { REDISCLI_AUTH: this.#lab.password ?? "" };
    await Promise.all(
      this.#lab.servers.map((server) => server.must(["env", ...envWords(env), ...command], { deadline_ms: 20_000 })),
    );
  }

  /** Does all that is planned, at its times, and then sets everything right. */
  async carryOut(plan: RoundPlan, master: Server, replica: Server): Promise<void> {
    this.#healing = new AbortController();
    const start_ms = monotonic_ms();
    const under: Promise<void>[] = [];
    for (const action of plan.actions) {
      await sleep(start_ms + action.at_ms - monotonic_ms());
      const [server, peer] = action.whom === "master" ? [master, replica] : [replica, master];
      under.push(this.#tried(action, server, peer));
    }
    await sleep(start_ms + plan.heal_at_ms - monotonic_ms());
    this.#say("healing");
    this.#healing.abort();
    await Promise.all(under);
    await this.#heal(plan.healing);
    this.#say("healed");
  }

  async #tried(action: Action, server: Server, peer: Server): Promise<void> {
    const lasting = action.for_ms > 0 ? ` for ${action.for_ms} ms` : "";
    this.#say(`${action.kind} ${server.name}, the ${action.whom}${lasting}`);
    try {
      await this.#act[action.kind](server, action.for_ms, peer);
    } catch (error) {
      this.#say(`${action.kind} ${server.name}: no effect: ${(error as Error).message.split("\n")[0]}`);
    }
  }

  readonly #act: Record<Kind, (server: Server, for_ms: number, peer: Server) => Promise<void>> = {
    "kill-redis": (server) => this.#kill(server, "kill -9"),
    "hang-redis": async (server, for_ms) => {
      if (!server.redisRuns) throw new Error("no Redis runs");
      this.contact.lost(`hung ${server.name}`, monotonic_ms());
      await server.hangRedis();
      if (await this.#lasts(for_ms)) await this.#resume(server);
    },
    "sleep-redis": async (server, for_ms) => {
      this.contact.lost(`asleep ${server.name}`, monotonic_ms());
      const socket = server.redisSocket();
      const reply = await socket.ask(["DEBUG", "SLEEP", String(for_ms / 1000)], 60_000).finally(() => socket.close());
      this.contact.regained(`asleep ${server.name}`, monotonic_ms());
      if (reply !== "OK") throw new Error(String(reply));
    },
    "slow-network": async (server, for_ms) => {
      // Not every kernel has netem; all have a bucket.
      await server.delay(20).catch(() => server.bandwidth(2));
      if (await this.#lasts(for_ms)) await server.delay(0);
    },
    "restart-redis": async (server, for_ms) => {
      // With snapshot rules it saves before it ends.
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
    this.contact.regained(`hung ${server.name}`, monotonic_ms());
    this.contact.regained(`asleep ${server.name}`, monotonic_ms());
  }

  async #startAfter(server: Server, ms: number): Promise<void> {
    if (ms > 0) await this.#lasts(ms);
    if (server.isOn) await server.startRedis();
  }

  async #resume(server: Server): Promise<void> {
    await server.resumeRedis();
    this.contact.regained(`hung ${server.name}`, monotonic_ms());
  }

  async #cutOff(server: Server, for_ms: number, silently: boolean): Promise<void> {
    const heal = () => server.heal();
    await this.#cut(`cut off ${server.name}`, () => server.cutOff({ silently }), heal, for_ms);
  }

  readonly #cuts = new Set<string>();

  async #cut(what: string, cut: () => Promise<void>, heal: () => Promise<void>, for_ms: number): Promise<void> {
    if (this.#cuts.has(what)) throw new Error("it is cut already");
    this.#cuts.add(what);
    this.contact.lost(what, monotonic_ms());
    await cut();
    if (!(await this.#lasts(for_ms)) || !this.#cuts.has(what)) return;
    await heal();
    await inSight(this.#lab.servers);
    if (this.#cuts.delete(what)) this.contact.regained(what, monotonic_ms());
  }

  async #killHook(server: Server, age_ms: number): Promise<void> {
    while (!this.#healing.signal.aborted) {
      const hook = server.firstProcess === undefined ? undefined : processesOf(server.firstProcess).find(isHook);
      if (hook) {
        await sleep(age_ms);
        try {
          process.kill(hook.pid, "SIGKILL");
          this.#say(`killed ${isHook(hook)} on ${server.name}`);
        } catch {
          this.#say("the hook had ended already");
        }
        return;
      }
      await sleep(5);
    }
  }

  /** Waits so long; false: the round heals first. 0 lasts until then. */
  async #lasts(ms: number): Promise<boolean> {
    const { signal } = this.#healing;
    const end = ms === 0 ? Number.POSITIVE_INFINITY : monotonic_ms() + ms;
    while (!signal.aborted && monotonic_ms() < end) await sleep(Math.min(5, Math.max(0, end - monotonic_ms())));
    return !signal.aborted;
  }

  async #heal(parts: readonly Part[]): Promise<void> {
    const { servers } = this.#lab;
    for (const server of servers) {
      if (!server.isOn) await boot(server, this.#lab);
      if (this.#lab.withAgents && server.agentRuns) await server.resumeAgent();
      else if (this.#lab.withAgents) await server.startAgent();
      await server.must(["sh", "-c", `rm -f ${drainMark}; ${emptyDisk}`]);
    }
    for (const part of parts) await this.#healPart[part]();
  }

  readonly #healPart: Record<Part, () => Promise<void>> = {
    network: async () => {
      const [one, other] = this.#lab.servers as [Server, Server];
      await one.healFrom(other);
      for (const server of [one, other]) {
        await server.delay(0);
        await server.healFrom(this.#lab.client);
        await server.heal();
      }
      await inSight(this.#lab.servers);
      for (const what of this.#cuts) this.contact.regained(what, monotonic_ms());
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

/** As the services of a host start: at the same time. */
async function boot(server: Server, { withAgents }: Lab): Promise<void> {
  await server.powerOn();
  if (withAgents) await server.startAgent();
  await Promise.all([server.startRedis(), server.startKeepalived()]);
}

const envWords = (env: Record<string, string>) => Object.entries(env).map(([name, value]) => `${name}=${value}`);

/** Its name when this process is a hook. */
function isHook({ pid, name }: { pid: number; name: string }): string | undefined {
  // Node calls its process "node" or, from 22 on, "MainThread"; until it is loaded it bears the script's own name.
  if (!/^(node|MainThread|env|notify-)/.test(name)) return undefined;
  try {
    return /\/(notify-(?:master|backup|fault|stop))\0/.exec(readFileSync(`/proc/${pid}/cmdline`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

const fillDisk = `mkdir -p ${quarantineFolder} && chmod 700 ${quarantineFolder} &&
mount -t tmpfs -o size=64k,mode=700 full ${quarantineFolder} &&
{ cat /dev/zero >${quarantineFolder}/filler 2>/dev/null || true; }`;
// What was kept there nevertheless counts as kept.
const emptyDisk = `if grep -q " ${quarantineFolder} tmpfs" /proc/mounts; then
mkdir -p ${keptFolder} && for f in ${quarantineFolder}/*.rdb; do [ ! -e "$f" ] || cp "$f" ${keptFolder}/; done
umount -l ${quarantineFolder}; fi`;
