import type { WriteReport } from "../client/write-report.ts";
import type { Lab } from "../lab.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import type { MasterReport } from "../watch/master-report.ts";
import { type Account, Accounting, sameOffset } from "./accounting.ts";
import type { Effects } from "./effects.ts";
import { Faults } from "./faults.ts";
import { KeptFiles } from "./kept-files.ts";
import { LocalWriter } from "./local-writer.ts";
import { LossCauses } from "./loss-causes.ts";
import type { RoundPlan } from "./plan.ts";
import { RunSampler } from "./redis-runs.ts";
import { type Limits, problemsOf } from "./round-checks.ts";
import { RoundLog } from "./round-log.ts";
import { type ServingReport, ServingWatch } from "./serving-watch.ts";
import { type TwoMasters, twoMasters } from "./two-masters.ts";
import { type RestoredPair, waitForPair } from "./wait-for-pair.ts";

export interface RoundResult extends Account {
  acknowledged: number;
  restored_ms: number;
  recovered: readonly string[];
  /** Nodes on which an operator allowed data loss, with the output of the command. */
  allowed: readonly string[];
  twoMasters: TwoMasters;
  /** Diverged writes that were applied to the master. */
  applied: number;
  /** There were keys that are old enough. */
  judgesOldData: boolean;
}

/** What was seen of a round. */
export interface Seen {
  /** Of every client. */
  reports: readonly WriteReport[];
  masters: MasterReport;
  serving: ServingReport;
  two: TwoMasters;
  end: RestoredPair;
  begin_ms: number;
  repaired_ms: number;
  end_ms: number;
}

/** Runs rounds on one lab, one after the other. */
export class Rounds {
  readonly #lab: Lab;
  readonly #limits: Limits;
  readonly #effects: Effects;
  readonly #print: (text: string) => void;
  readonly #accounting: Accounting;
  /** Where diverged writes are applied: what the nodes have kept. */
  readonly #kept: KeptFiles | undefined;
  #number = 0;
  /** The log of the latest round. */
  roundLog: RoundLog | undefined;

  constructor(
    lab: Lab,
    limits: Limits,
    divergedWrites: "keep" | "apply",
    effects: Effects,
    print: (text: string) => void,
  ) {
    this.#lab = lab;
    this.#limits = limits;
    this.#effects = effects;
    this.#print = print;
    this.#kept = divergedWrites === "apply" ? new KeptFiles(lab) : undefined;
    this.#accounting = new Accounting(lab, this.#kept);
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
    const [master, replicas] = await this.#roles();
    const sampler = new RunSampler(lab.servers);
    const faults = new Faults(lab, sampler, print, this.#effects);
    await faults.prepare(plan);
    const watch = lab.watchMasters(10);
    const oldKeys = this.#accounting.oldKeys(start_ms);
    const servingWatch = new ServingWatch(lab.servers, oldKeys);
    const writing = await lab.client.writeThroughVip({ connections: 2 });
    const name = `round${++this.#number}`;
    const locals = this.#kept ? lab.servers.map((server) => new LocalWriter(server, name)) : [];
    try {
      await writing.acknowledged(300);
      await sleep(50);
      const begin_ms = monotonic_ms();
      await faults.carryOut(plan, master, replicas);
      const repaired_ms = monotonic_ms();
      const end = await waitForPair(lab, writing, print, faults.context);
      const end_ms = monotonic_ms();
      const report = await writing.stop();
      const local = await Promise.all(locals.map((writer) => writer.stop()));
      const applied = (await this.#kept?.untilApplied(print)) ?? 0;
      for (const replica of end.replicas) await sameOffset(lab, end.master, replica);
      const masters = await watch.stop();
      const serving = await servingWatch.stop();
      await sampler.stop();
      const connected = faults.context.connectivity.connectedIntervals(start_ms, monotonic_ms());
      const two = twoMasters(masters, sampler.runs, connected, this.#limits.sawBefore_ms);
      const own = [report, ...local.map((one) => one.own)];
      const reports = [...own, ...local.map(({ sharedReport }) => sharedReport)];
      const seen = { reports, masters, serving, two, end, begin_ms, repaired_ms, end_ms };
      const found = problemsOf(seen, faults.context, this.#limits);
      const written = { own, shared: local.flatMap(({ shared }) => shared) };
      const account = await this.#accounting.account(written, end, new LossCauses(sampler.runs), begin_ms);
      return {
        ...account,
        acknowledged: reports.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
        restored_ms: end.after_ms,
        recovered: end.recovered,
        allowed: end.allowed,
        twoMasters: two,
        applied,
        judgesOldData: oldKeys.length > 0 && !this.#limits.byItsEnd,
        problems: [...found, ...account.problems],
      };
    } finally {
      writing.end();
      await Promise.all(locals.map((writer) => writer.stop()));
      roundLog.addMasters(await watch.stop());
      roundLog.addVip(await servingWatch.stop());
      roundLog.addLogs(lab.servers);
      await sampler.stop();
    }
  }

  async #roles(): Promise<[Server, Server[]]> {
    const { servers } = this.#lab;
    const roles = await Promise.all(servers.map((server) => server.role()));
    const master = servers[roles.indexOf("master")];
    const replicas = servers.filter((_, index) => roles[index] === "replica");
    if (!master || replicas.length !== servers.length - 1)
      throw new Error(`a round needs a master and its replicas: ${await this.#lab.summary()}`);
    return [master, replicas];
  }
}
