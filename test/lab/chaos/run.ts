import { type Lab, type LabOptions, startLab } from "../lab.ts";
import { Effects } from "./effects.ts";
import { roundOf, settingsOf } from "./generate.ts";
import { type Kind, planInWords, type RoundPlan } from "./plan.ts";
import { type RoundResult, Rounds } from "./round.ts";
import { limitsOf } from "./round-checks.ts";

export interface ChaosOptions {
  seed: number;
  rounds: number;
  /** The first round. */
  from: number;
  /** Go on with a new lab after a failed round. */
  keepGoing: boolean;
  /** Print the log of each round, also if it passes. */
  logs?: boolean;
  /** Every round uses this plan instead of the seed's. */
  plan?: RoundPlan | undefined;
  profile: "hooks" | "agent";
  /** Default: 2. */
  nodes?: 2 | 3 | undefined;
  faults: "classic" | "all";
  /** Only these kinds of faults. */
  only?: readonly Kind[] | undefined;
  /** Of all rounds; otherwise the seed chooses it. */
  persistence?: "unmanaged" | "replica" | undefined;
  /** `apply`: as in the cluster file, with a client on each host as well. Default: keep. */
  divergedWrites?: "keep" | "apply" | undefined;
  print(text: string): void;
}

/** The results of all rounds. */
export interface Totals {
  rounds: number;
  failed: number;
  acknowledged: number;
  recovered: number;
  allowed: number;
  explained: Record<string, number>;
  /** The longest time with two writable masters after a reconnection. */
  afterReconnect_ms: number;
  restored_ms: number[];
  /** Diverged writes that were applied to a master. */
  applied: number;
  /** The rounds in which it was judged whether old data was served. */
  oldDataJudged: number;
  effects: Effects;
}

/** Runs the rounds of a seed. Faults of the product do not reject: they are in the totals. */
export async function chaos(options: ChaosOptions): Promise<Totals> {
  const { seed, rounds, from, keepGoing, print } = options;
  const totals: Totals = {
    rounds: 0,
    failed: 0,
    acknowledged: 0,
    recovered: 0,
    allowed: 0,
    explained: {},
    afterReconnect_ms: 0,
    restored_ms: [],
    applied: 0,
    oldDataJudged: 0,
    effects: new Effects(),
  };
  let round = from;
  while (round < from + rounds) {
    const lab = await startLab(labOf(options));
    try {
      await lab.bringUp();
      const series = new Rounds(
        lab,
        limitsOf(options.faults, options.nodes ?? 2, options.profile),
        options.divergedWrites ?? "keep",
        totals.effects,
        print,
      );
      for (let good = true; good && round < from + rounds; round++) {
        const plan = options.plan ?? roundOf(seed, round, { ...options, withAgents: lab.withAgents });
        print(`seed ${seed} round ${round}: ${planInWords(plan)}`);
        good = await oneRound(lab, series, plan, totals, options);
        if (!good) print(howToReplay(options, round, plan));
        if (!good && !keepGoing) return totals;
      }
    } finally {
      await lab.stop();
    }
  }
  return totals;
}

function labOf({ seed, profile, nodes = 2, divergedWrites = "keep", faults, ...options }: ChaosOptions): LabOptions {
  const { save, persistence: chosen } = settingsOf(seed);
  const persistence = options.persistence ?? chosen;
  const conf = [
    // A server that starts is parked until a hook has compared its history with the peer's.
    "replicaof 127.0.0.1 1",
    "repl-diskless-sync-delay 0",
    // For DEBUG SLEEP, which is sent over the unix socket.
    "enable-debug-command local",
    // As in the generated redis.conf: writes since the parting point can be counted. With Redis' default of 1 MB bytes decide.
    ...(faults === "all" || divergedWrites === "apply" ? ["repl-backlog-size 64mb"] : []),
  ];
  return {
    profile,
    nodes,
    redis: { save, conf },
    cluster: { redis: { persistence }, failover: { diverged_writes: divergedWrites } },
  };
}

async function oneRound(
  lab: Lab,
  series: Rounds,
  plan: RoundPlan,
  totals: Totals,
  { print, logs = false }: ChaosOptions,
): Promise<boolean> {
  totals.rounds++;
  const problems: string[] = [];
  try {
    const result = await series.run(plan);
    count(result, totals);
    print(inWords(result));
    // The round passed, but the log shows why an operator would have been needed.
    if (logs || result.recovered.length + result.allowed.length > 0) print(String(series.roundLog));
    problems.push(...result.problems);
    for (const [why, keys] of Object.entries(result.unexplained))
      problems.push(
        `${keys.length} acknowledged keys are gone: ${why}: ${keys.slice(0, 3).join(", ")} ... ${keys.at(-1)}`,
      );
  } catch (error) {
    problems.push((error as Error).message);
  }
  if (problems.length === 0) return true;
  totals.failed++;
  print(`FAILED: ${problems.join("\nFAILED: ")}\n${await logsOf(lab, series)}\nFAILED: ${problems.join("\nFAILED: ")}`);
  return false;
}

async function logsOf(lab: Lab, { roundLog }: Rounds): Promise<string> {
  const [now, all] = await Promise.all([lab.summary().catch(String), lab.dump().catch(String)]);
  // The log of the product is part of the round log.
  const others = all.split(/^(?=--- )/m).filter((part) => /^--- \S+: (Keepalived|Redis)/.test(part));
  return `${others.join("")}--- the round\n${roundLog}\n--- at its end\n${now}`;
}

function count(
  { acknowledged, recovered, allowed, explained, twoMasters, restored_ms, applied, judgesOldData }: RoundResult,
  totals: Totals,
): void {
  totals.acknowledged += acknowledged;
  totals.applied += applied;
  if (judgesOldData) totals.oldDataJudged++;
  totals.recovered += recovered.length;
  totals.allowed += allowed.length;
  totals.afterReconnect_ms = Math.max(totals.afterReconnect_ms, twoMasters.afterReconnect_ms);
  totals.restored_ms.push(restored_ms);
  for (const [cause, keys] of Object.entries(explained)) {
    const kind = cause.replaceAll(/server\d+/g, "a node");
    totals.explained[kind] = (totals.explained[kind] ?? 0) + keys;
  }
}

function inWords({
  acknowledged,
  restored_ms,
  recovered,
  allowed,
  explained,
  twoMasters,
  applied,
}: RoundResult): string {
  return [
    `  ${acknowledged} acknowledged writes; master and replica in sync ${(restored_ms / 1000).toFixed(1)} s after the repair`,
    ...Object.entries(explained).map(([cause, keys]) => `  ${keys} writes are not on the master: ${cause}`),
    ...(applied > 0 ? [`  ${applied} diverged writes were applied`] : []),
    ...(twoMasters.afterReconnect_ms > 0
      ? [`  two writable masters for ${twoMasters.afterReconnect_ms.toFixed(0)} ms after a reconnection`]
      : []),
    ...recovered.map((line) => `  recover-master on ${line}`),
    ...allowed.map((line) => `  notify-master --allow-data-loss on ${line}`),
  ].join("\n");
}

function howToReplay(options: ChaosOptions, round: number, plan: RoundPlan): string {
  const { seed, profile, nodes, faults, only, persistence, divergedWrites } = options;
  const all = [
    profile === "hooks" ? "" : ` --profile ${profile}`,
    nodes === 3 ? " --nodes 3" : "",
    faults === "all" ? "" : ` --faults ${faults}`,
    only ? ` --only ${only.join(",")}` : "",
    persistence ? ` --persistence ${persistence}` : "",
    divergedWrites === "apply" ? " --diverged-writes apply" : "",
  ].join("");
  return [
    `repeat this round:       npm run chaos -- --seed ${seed} --from ${round} --rounds 1${all}`,
    `with other actions:      npm run chaos -- --seed ${seed}${all} --do "${planInWords(plan)}"`,
    `from the start:          npm run chaos -- --seed ${seed} --rounds ${round}${all}`,
  ].join("\n");
}
