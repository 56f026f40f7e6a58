import type { WriteReport } from "../client/write-report.ts";
import { valueFor } from "../client/writer-options.ts";
import type { Lab } from "../lab.ts";
import { monotonic_ms, sleep } from "../machine/process.ts";
import type { Server } from "../server/server.ts";
import { type TwoMasters, twoMasters } from "./contact.ts";
import { absent, dumpsOf, inNoDump, type Written } from "./dumps.ts";
import { Explanations } from "./explain.ts";
import { Faults } from "./faults.ts";
import type { RoundPlan } from "./plan.ts";
import { Sampler } from "./samples.ts";
import { settled } from "./settled.ts";
import { Story } from "./story.ts";

export interface RoundResult {
  acknowledged: number;
  settled_ms: number;
  recovered: readonly string[];
  /** Keys by why they are not on the master. */
  explained: Record<string, number>;
  unexplained: Record<string, string[]>;
  twoMasters: TwoMasters;
  problems: string[];
}

/** After masters that became two apart have met, so long may it take (issue 3, split brain: within 2 s). */
const meeting_ms = 2000;
// All of a round's keys are looked for at its end, and these from then on as well.
const remembered = 100;

/** A Keepalived that hung may take the role back only now, which ends the sessions of clients, and ours is one. */
const absentAt = (server: Server, writes: Written[]): Promise<Written[]> =>
  absent(writes, server.redisSocket()).catch(async () => {
    await sleep(2000);
    return absent(writes, server.redisSocket());
  });

/** Rounds on one lab, one after the other: what one kept the next ones must keep. */
export class Rounds {
  readonly #lab: Lab;
  readonly #say: (text: string) => void;
  /** Of the latest round. */
  story: Story | undefined;
  #kept: Written[] = [];

  constructor(lab: Lab, say: (text: string) => void) {
    this.#lab = lab;
    this.#say = say;
  }

  async run(plan: RoundPlan): Promise<RoundResult> {
    const lab = this.#lab;
    const start_ms = monotonic_ms();
    const story = new Story(start_ms);
    this.story = story;
    const say = (text: string) => {
      story.add(monotonic_ms(), text);
      this.#say(`${(monotonic_ms() - start_ms).toFixed(0).padStart(6)} ms  ${text}`);
    };
    const [master, replica] = await this.#roles();
    const sampler = new Sampler(lab.servers);
    const faults = new Faults(lab, sampler, say);
    await faults.prepare(plan);
    const watch = lab.watchMasters(10);
    const writing = await lab.client.writeThroughVip({ connections: 2 });
    try {
      await writing.acknowledged(300);
      await sleep(50);
      const begin_ms = monotonic_ms();
      await faults.carryOut(plan, master, replica);
      const problems: string[] = [];
      const end = await settled(lab, writing, say);
      const report = await writing.stop();
      await this.#inStep(end.master, end.replica);
      const masters = await watch.stop();
      await sampler.stop();
      const two = twoMasters(masters, sampler.lives, faults.contact.together(start_ms, monotonic_ms()));
      if (two.madeInContact_ms > 0)
        problems.push(`two writable masters that saw each other, for ${Math.round(two.madeInContact_ms)} ms`);
      if (two.met_ms > meeting_ms)
        problems.push(`two writable masters met, and stayed two for ${Math.round(two.met_ms)} ms`);
      const result = await this.#account(report, end.master, end.replica, new Explanations(sampler.lives), begin_ms);
      return {
        acknowledged: report.acknowledged,
        settled_ms: end.after_ms,
        recovered: end.recovered,
        twoMasters: two,
        ...result,
        problems: [...problems, ...result.problems],
      };
    } finally {
      writing.end();
      story.addMasters(await watch.stop());
      story.addLogs(lab.servers);
      await sampler.stop();
    }
  }

  async #account(
    report: WriteReport,
    master: Server,
    replica: Server,
    explanations: Explanations,
    begin_ms: number,
  ): Promise<Pick<RoundResult, "explained" | "unexplained" | "problems">> {
    const lab = this.#lab;
    const fresh = writtenOf(report);
    const missing = await absentAt(master, [...this.#kept, ...fresh]);
    const elsewhere = await absentAt(replica, [...this.#kept, ...fresh]);
    const problems =
      missing.length === elsewhere.length
        ? []
        : [`${replica.name} lacks ${elsewhere.length} keys and ${master.name}, which it copies, ${missing.length}`];
    const gone = await inNoDump(missing, dumpsOf(lab.servers));
    const explained: Record<string, number> = {};
    const unexplained: Record<string, string[]> = {};
    if (missing.length > gone.length) explained["in a quarantine dump"] = missing.length - gone.length;
    const old = new Set(this.#kept);
    const oldNow = explanations.ofOldWrite(begin_ms);
    for (const one of gone) {
      const found = old.has(one) ? oldNow : explanations.ofWrite(one.at_ms, one.runId);
      if ("cause" in found) explained[found.cause] = (explained[found.cause] ?? 0) + 1;
      else {
        const alike = unexplained[found.unexplained] ?? [];
        unexplained[found.unexplained] = alike;
        alike.push(`${one.key} at ${(one.at_ms - begin_ms).toFixed(0)} ms`);
      }
    }
    const isGone = new Set(missing);
    const here = [...this.#kept, ...fresh].filter((one) => !isGone.has(one));
    await this.#forgetMost(here, fresh, master, replica);
    return { explained, unexplained, problems };
  }

  /** A lab that went through hundreds of rounds would otherwise spend its time on copying old keys. */
  async #forgetMost(
    here: readonly Written[],
    fresh: readonly Written[],
    master: Server,
    replica: Server,
  ): Promise<void> {
    const isFresh = new Set(fresh);
    const step = Math.max(1, Math.floor(here.length / remembered));
    this.#kept = here.filter((one, index) => !isFresh.has(one) || index % step === 0);
    const keep = new Set(this.#kept);
    const go = here.filter((one) => !keep.has(one)).map(({ key }) => key);
    const socket = master.redisSocket();
    for (let start = 0; start < go.length; start += 1000)
      await socket.ask(["UNLINK", ...go.slice(start, start + 1000)], 10_000);
    socket.close();
    await this.#inStep(master, replica);
  }

  async #inStep(master: Server, replica: Server): Promise<void> {
    const offset = async (server: Server) => Number((await server.info())?.master_repl_offset ?? Number.NaN);
    const goal = await offset(master);
    await this.#lab.until(async () => (await offset(replica)) >= goal, 15, `${replica.name} has all of ${master.name}`);
  }

  async #roles(): Promise<[Server, Server]> {
    const roles = await Promise.all(this.#lab.servers.map((server) => server.role()));
    const master = this.#lab.servers[roles.indexOf("master")];
    const replica = this.#lab.servers[roles.indexOf("replica")];
    if (!master || !replica) throw new Error(`no round can begin: ${await this.#lab.describe()}`);
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
