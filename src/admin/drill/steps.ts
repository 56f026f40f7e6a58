import { predicted_ms } from "../../decide/drill/conclusion.ts";
import { longestGap_ms, lostIn } from "../../decide/drill/probe-record.ts";
import { pairFacts } from "../../decide/drill/put-back.ts";
import { holdsVip } from "../../keepalived/virtual-ip.ts";
import type { DrillPart, DrillStep } from "../../model/drill.ts";
import { observeCluster } from "../../redis/observe-cluster.ts";
import { Sessions } from "../../redis/sessions.ts";
import { monotonic_ms } from "../../system/clock.ts";
import { poll } from "../../system/poll.ts";
import { recover } from "../recover.ts";
import { runSwitchover } from "../switchover.ts";
import type { DrillContext } from "./context.ts";
import type { Inspected } from "./inspect.ts";
import { killLocalRedis } from "./kill-redis.ts";
import type { ProbeClient } from "./probe-client.ts";

const move_ms = 20_000;
const failover_ms = 30_000;
const write_ms = 10_000;
const look_ms = 20;

/** The parts of a drill, each measured by the probe client. */
export class DrillSteps {
  readonly done: DrillStep[] = [];
  /** The Redis of the master was killed, and is not known to be back. */
  killed = false;
  readonly #context: DrillContext;
  readonly #found: Inspected;
  readonly #probe: ProbeClient;
  #noNet: () => void = () => undefined;

  constructor(context: DrillContext, found: Inspected, probe: ProbeClient) {
    this.#context = context;
    this.#found = found;
    this.#probe = probe;
  }

  take(part: Exclude<DrillPart, "checks">, context: DrillContext = this.#context): Promise<void> {
    const { master, replica } = this.#found;
    if (part === "kill") return this.#measured(context, part, () => this.#kill());
    if (part === "recover") return this.#measured(context, part, () => this.#recover(context));
    return this.#measured(context, part, () => this.#move(context, part === "there" ? replica : master));
  }

  /** `work` resolves to the seconds that it took after it had waited. A part that fails is measured, too. */
  async #measured(context: DrillContext, part: DrillPart, work: () => Promise<number | undefined>): Promise<void> {
    const at = new Date().toISOString();
    const from_ms = monotonic_ms();
    let took_s: number | undefined;
    try {
      took_s = await work();
      await this.#nextWrite(context);
    } finally {
      const to_ms = monotonic_ms();
      const all_s = (to_ms - from_ms) / 1000;
      const { record } = this.#probe;
      this.done.push({
        ...{ part, at, waited_s: thousandth(all_s - (took_s ?? all_s)), took_s: thousandth(took_s ?? all_s) },
        gap_ms: Math.round(longestGap_ms(record, from_ms, to_ms) * 10) / 10,
        predicted_ms: predicted_ms(part, this.#found.prediction),
        lost: lostIn(record, from_ms, to_ms),
      });
    }
  }

  /** Only a write that begins after the part shows what the part has cost: the second acknowledgement that came after it. */
  async #nextWrite({ proceed }: DrillContext): Promise<void> {
    const ended_ms = monotonic_ms();
    const written = async () => (this.#probe.record.acknowledged_ms.at(-2) ?? 0) > ended_ms;
    await poll(written, { deadline_ms: write_ms, every_ms: 5, proceed, what: "a write through the virtual IP" });
  }

  async #move(context: DrillContext, to: string): Promise<number> {
    return (await runSwitchover({ ...context, to, dryRun: false }, move_ms)).seconds;
  }

  async #kill(): Promise<undefined> {
    const { master, startRedis } = this.#found;
    const { cluster, report, proceed, paths } = this.#context;
    proceed();
    const killed = await killLocalRedis(this.#context, startRedis);
    this.killed = true;
    this.#noNet = killed.noNet;
    report.done(`killed Redis (process ${killed.pid}) on ${master}`);
    const sessions = new Sessions(this.#context);
    const taken = async () => {
      const situation = await observeCluster(this.#context, sessions, { holdsVip: holdsVip(cluster) });
      const { masters } = pairFacts(situation, master);
      return !holdsVip(cluster) && masters.length === 1 && masters[0] !== master ? masters[0] : undefined;
    };
    try {
      const what = `another node being master with the virtual IP (the log is ${paths.log})`;
      const taker = await poll(taken, { deadline_ms: failover_ms, every_ms: look_ms, proceed, what });
      report.done(`${taker} is master`);
    } finally {
      sessions.closeAll();
    }
  }

  async #recover(context: DrillContext): Promise<undefined> {
    await recover({ ...context, failback: false, dryRun: false });
    this.#noNet();
  }
}

const thousandth = (seconds: number): number => Math.round(seconds * 1000) / 1000;
