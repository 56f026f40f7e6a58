import { type Lab, type LabOptions, startLab } from "../lab.ts";
import { roundOf, settingOf } from "./generate.ts";
import { planInWords, type RoundPlan } from "./plan.ts";
import { type RoundResult, Rounds } from "./round.ts";

export interface ChaosOptions {
  seed: number;
  rounds: number;
  /** The first one. */
  from: number;
  /** After a failure go on with a new lab. */
  keepGoing: boolean;
  /** This, every round, in place of what the seed gives. */
  plan?: RoundPlan | undefined;
  profile: "hooks" | "agent";
  say(text: string): void;
}

/** What all rounds together came to. */
export interface Totals {
  rounds: number;
  failed: number;
  acknowledged: number;
  recovered: number;
  explained: Record<string, number>;
  /** The longest time that masters who had become two apart took to become one. */
  met_ms: number;
  settled_ms: number[];
}

/** The rounds of a seed on whole hosts. Never rejects for what the product does: that is in the totals. */
export async function chaos(options: ChaosOptions): Promise<Totals> {
  const { seed, rounds, from, keepGoing, say } = options;
  const totals: Totals = {
    rounds: 0,
    failed: 0,
    acknowledged: 0,
    recovered: 0,
    explained: {},
    met_ms: 0,
    settled_ms: [],
  };
  let round = from;
  while (round < from + rounds) {
    const lab = await startLab(labOf(options));
    try {
      await lab.bringUp();
      const series = new Rounds(lab, say);
      for (let good = true; good && round < from + rounds; round++) {
        const plan = options.plan ?? roundOf(seed, round, lab.withAgents);
        say(`seed ${seed} round ${round}: ${planInWords(plan)}`);
        good = await oneRound(lab, series, plan, totals, say);
        if (!good) say(howToReplay(options, round, plan));
        if (!good && !keepGoing) return totals;
      }
    } finally {
      await lab.stop();
    }
  }
  return totals;
}

function labOf({ seed, profile }: ChaosOptions): LabOptions {
  const { save, persistence } = settingOf(seed);
  const conf = [
    // A server that starts is a replica of nothing until a hook has compared its history with the peer's.
    "replicaof 127.0.0.1 1",
    "repl-diskless-sync-delay 0",
    // For DEBUG SLEEP, by the unix socket only.
    "enable-debug-command local",
  ];
  return { profile, redis: { save, conf }, cluster: { redis: { persistence } } };
}

async function oneRound(
  lab: Lab,
  series: Rounds,
  plan: RoundPlan,
  totals: Totals,
  say: (text: string) => void,
): Promise<boolean> {
  totals.rounds++;
  const problems: string[] = [];
  try {
    const result = await series.run(plan);
    count(result, totals);
    say(inWords(result));
    // No failure, and yet what an operator was called to has to be understood.
    if (result.recovered.length > 0) say(String(series.story));
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
  say(`FAILED: ${problems.join("\nFAILED: ")}\n${await tells(lab, series)}\nFAILED: ${problems.join("\nFAILED: ")}`);
  return false;
}

async function tells(lab: Lab, { story }: Rounds): Promise<string> {
  const [now, all] = await Promise.all([lab.describe().catch(String), lab.dump().catch(String)]);
  // The product's own lines are in the story already.
  const others = all.split(/^(?=--- )/m).filter((part) => /^--- \S+: (Keepalived|Redis)/.test(part));
  return `${others.join("")}--- the round\n${story}\n--- at its end\n${now}`;
}

function count({ acknowledged, recovered, explained, twoMasters, settled_ms }: RoundResult, totals: Totals): void {
  totals.acknowledged += acknowledged;
  totals.recovered += recovered.length;
  totals.met_ms = Math.max(totals.met_ms, twoMasters.met_ms);
  totals.settled_ms.push(settled_ms);
  for (const [cause, keys] of Object.entries(explained)) {
    const kind = cause.replaceAll(/server\d+/g, "a node");
    totals.explained[kind] = (totals.explained[kind] ?? 0) + keys;
  }
}

function inWords({ acknowledged, settled_ms, recovered, explained, twoMasters }: RoundResult): string {
  return [
    `  ${acknowledged} acknowledged; settled ${(settled_ms / 1000).toFixed(1)} s after healing`,
    ...Object.entries(explained).map(([cause, keys]) => `  ${keys} not on the master: ${cause}`),
    ...(twoMasters.met_ms > 0 ? [`  two masters met, and were one after ${twoMasters.met_ms.toFixed(0)} ms`] : []),
    ...recovered.map((line) => `  recover-master on ${line}`),
  ].join("\n");
}

function howToReplay({ seed, profile }: ChaosOptions, round: number, plan: RoundPlan): string {
  const all = profile === "hooks" ? "" : ` --profile ${profile}`;
  return [
    `replay this round alone: npm run chaos -- --seed ${seed} --from ${round} --rounds 1${all}`,
    `with other actions:      npm run chaos -- --seed ${seed}${all} --do "${planInWords(plan)}"`,
    `from the start:          npm run chaos -- --seed ${seed} --rounds ${round}${all}`,
  ].join("\n");
}
