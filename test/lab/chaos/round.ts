import type { WriteReport } from "../client/write-report.ts";
import { valueFor } from "../client/writer-options.ts";
import type { Lab } from "../lab.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import { dumpsOf, inNoDump, missingFrom, type Written } from "./dumps.ts";
import { Faults } from "./faults.ts";
import { LossCauses } from "./loss-causes.ts";
import type { RoundPlan } from "./plan.ts";
import { RunSampler } from "./redis-runs.ts";
import { RoundLog } from "./round-log.ts";
import { type TwoMasters, twoMasters } from "./two-masters.ts";
import { waitForPair } from "./wait-for-pair.ts";

export interface RoundResult {
  acknowledged: number;
  restored_ms: number;
  recovered: readonly string[];
  /** The number of keys that are not on the master, by cause. */
  explained: Record<string, number>;
  unexplained: Record<string, string[]>;
  twoMasters: TwoMasters;
  problems: string[];
}

// How long two masters may last after a reconnection.
const maxAfterReconnect_ms = 2000;
// All keys of a round are checked at its end, and so many of them at the end of each later round.
const sampleSize = 100;

/** A Keepalived that was resumed may still move the role, which ends the sessions of all clients: then tries again. */
const missingAt = (server: Server, writes: Written[]): Promise<Written[]> =>
  missingFrom(writes, server.redisSocket()).catch(async () => {
    await sleep(2000);
    return missingFrom(writes, server.redisSocket());
  });

/** Runs rounds on one lab, one after the other. Writes that survived a round must survive the later ones, too. */
export class Rounds {
  readonly #lab: Lab;
  readonly #print: (text: string) => void;
  /** The log of the latest round. */
  roundLog: RoundLog | undefined;
  #kept: Written[] = [];

  constructor(lab: Lab, print: (text: string) => void) {
    this.#lab = lab;
    this.#print = print;
  }

  async run(plan: RoundPlan): Promise<RoundResult> {
    const lab = this.#lab;
    const start_ms = monotonic_ms();
    const roundLog = new RoundLog(start_ms);
    this.roundLog = roundLog;
    const print = (text: string) => {
      roundLog.add(monotonic_ms(), text);
      this.#print(`${(monotonic_ms() - start_ms).toFixed(0).padStart(6)} ms  ${text}`);
    };
    const [master, replica] = await this.#roles();
    const sampler = new RunSampler(lab.servers);
    const faults = new Faults(lab, sampler, print);
    await faults.prepare(plan);
    const watch = lab.watchMasters(10);
    const writing = await lab.client.writeThroughVip({ connections: 2 });
    try {
      await writing.acknowledged(300);
      await sleep(50);
      const begin_ms = monotonic_ms();
      await faults.carryOut(plan, master, replica);
      const problems: string[] = [];
      const end = await waitForPair(lab, writing, print);
      const report = await writing.stop();
      await this.#sameOffset(end.master, end.replica);
      const masters = await watch.stop();
      await sampler.stop();
      const connected = faults.connectivity.connectedIntervals(start_ms, monotonic_ms());
      const two = twoMasters(masters, sampler.runs, connected);
      if (two.whileConnected_ms > 0)
        problems.push(`two writable masters that could reach each other for ${Math.round(two.whileConnected_ms)} ms`);
      if (two.afterReconnect_ms > maxAfterReconnect_ms)
        problems.push(`two writable masters for ${Math.round(two.afterReconnect_ms)} ms after a reconnection`);
      const result = await this.#account(report, end.master, end.replica, new LossCauses(sampler.runs), begin_ms);
      return {
        acknowledged: report.acknowledged,
        restored_ms: end.after_ms,
        recovered: end.recovered,
        twoMasters: two,
        ...result,
        problems: [...problems, ...result.problems],
      };
    } finally {
      writing.end();
      roundLog.addMasters(await watch.stop());
      roundLog.addLogs(lab.servers);
      await sampler.stop();
    }
  }

  async #account(
    report: WriteReport,
    master: Server,
    replica: Server,
    lossCauses: LossCauses,
    begin_ms: number,
  ): Promise<Pick<RoundResult, "explained" | "unexplained" | "problems">> {
    const lab = this.#lab;
    const fresh = writtenOf(report);
    const missing = await missingAt(master, [...this.#kept, ...fresh]);
    const missingOnReplica = await missingAt(replica, [...this.#kept, ...fresh]);
    const problems =
      missing.length === missingOnReplica.length
        ? []
        : [
            `the replica ${replica.name} lacks ${missingOnReplica.length} keys, its master ${master.name} ${missing.length}`,
          ];
    const gone = await inNoDump(missing, dumpsOf(lab.servers));
    const explained: Record<string, number> = {};
    const unexplained: Record<string, string[]> = {};
    if (missing.length > gone.length) explained["in a quarantine dump"] = missing.length - gone.length;
    const old = new Set(this.#kept);
    const causeOfOld = lossCauses.ofOldWrite(begin_ms);
    for (const one of gone) {
      const found = old.has(one) ? causeOfOld : lossCauses.ofWrite(one.at_ms, one.runId);
      if ("cause" in found) explained[found.cause] = (explained[found.cause] ?? 0) + 1;
      else {
        const keys = unexplained[found.unexplained] ?? [];
        unexplained[found.unexplained] = keys;
        keys.push(`${one.key} at ${(one.at_ms - begin_ms).toFixed(0)} ms`);
      }
    }
    const isGone = new Set(missing);
    const here = [...this.#kept, ...fresh].filter((one) => !isGone.has(one));
    await this.#deleteMost(here, fresh, master, replica);
    return { explained, unexplained, problems };
  }

  /** Deletes most of the new keys. Otherwise a lab would, after hundreds of rounds, spend its time copying old keys. */
  async #deleteMost(
    here: readonly Written[],
    fresh: readonly Written[],
    master: Server,
    replica: Server,
  ): Promise<void> {
    const isFresh = new Set(fresh);
    const step = Math.max(1, Math.floor(here.length / sampleSize));
    this.#kept = here.filter((one, index) => !isFresh.has(one) || index % step === 0);
    const keep = new Set(this.#kept);
    const go = here.filter((one) => !keep.has(one)).map(({ key }) => key);
    const socket = master.redisSocket();
    for (let start = 0; start < go.length; start += 1000)
      await socket.ask(["UNLINK", ...go.slice(start, start + 1000)], 10_000);
    socket.close();
    await this.#sameOffset(master, replica);
  }

  async #sameOffset(master: Server, replica: Server): Promise<void> {
    const offset = async (server: Server) => Number((await server.info())?.master_repl_offset ?? Number.NaN);
    const offsetOfMaster = await offset(master);
    await this.#lab.until(
      async () => (await offset(replica)) >= offsetOfMaster,
      15,
      `${replica.name} has the offset of ${master.name}`,
    );
  }

  async #roles(): Promise<[Server, Server]> {
    const roles = await Promise.all(this.#lab.servers.map((server) => server.role()));
    const master = this.#lab.servers[roles.indexOf("master")];
    const replica = this.#lab.servers[roles.indexOf("replica")];
    if (!master || !replica) throw new Error(`a round needs a master and a replica: ${await this.#lab.summary()}`);
    return [master, replica];
  }
}

function writtenOf(report: WriteReport): Written[] {
  const { acknowledgements: acks, keyPrefix } = report;
  return Array.from({ length: acks.count }, (_, index) => ({
    key: `${keyPrefix}:${acks.key(index)}`,
    value: valueFor(acks.key(index), report),
    at_ms: acks.time_ms(index),
    runId: report.runIdOf(index),
  }));
}
