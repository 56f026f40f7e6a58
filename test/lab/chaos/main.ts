import { parseArgs } from "node:util";
import { type Kind, kinds, planOfWords } from "./plan.ts";
import { chaos, type Totals } from "./run.ts";

/** `npm run chaos`: random faults on hosts under load. Checks that no acknowledged write is lost without a reason. */

const usage = `npm run chaos -- [--seed N] [--rounds M] [--from K] [--keep-going] [--profile hooks|agent] [--nodes 2|3] [--do "PLAN"]
                [--faults classic|all] [--only KIND,KIND] [--persistence unmanaged|replica]
                [--diverged-writes keep|apply] [--logs]`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      rounds: { type: "string" },
      from: { type: "string", default: "1" },
      "keep-going": { type: "boolean", default: false },
      profile: { type: "string", default: "hooks" },
      nodes: { type: "string", default: "2" },
      do: { type: "string" },
      faults: { type: "string", default: "all" },
      only: { type: "string" },
      persistence: { type: "string" },
      "diverged-writes": { type: "string", default: "keep" },
      logs: { type: "boolean", default: false },
    },
  });
  const totals = await chaos({
    seed: wholeNumber(values.seed),
    rounds: wholeNumber(values.rounds ?? (values.do === undefined ? "10" : "1")),
    from: wholeNumber(values.from),
    keepGoing: values["keep-going"],
    logs: values.logs,
    plan: values.do === undefined ? undefined : planOfWords(values.do),
    profile: oneOf(["hooks", "agent"], values.profile),
    nodes: oneOf(["2", "3"], values.nodes) === "3" ? 3 : 2,
    faults: oneOf(["classic", "all"], values.faults),
    only: values.only?.split(",").map((kind): Kind => oneOf(kinds, kind)),
    persistence:
      values.persistence === undefined ? undefined : oneOf(["unmanaged", "replica"] as const, values.persistence),
    divergedWrites: oneOf(["keep", "apply"] as const, values["diverged-writes"]),
    print: console.log,
  });
  console.log(inWords(totals));
  const inVain = totals.effects.inVain(totals.rounds);
  if (inVain.length > 0) console.log(`FAILED: without any effect: ${inVain.join(", ")}`);
  return totals.failed === 0 && inVain.length === 0 ? 0 : 1;
}

function oneOf<Word extends string>(words: readonly Word[], text: string): Word {
  const word = words.find((one) => one === text);
  if (word === undefined) throw new Error(`"${text}" is none of ${words.join(", ")}\n${usage}`);
  return word;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is not a whole number\n${usage}`);
  return Number(text);
}

function inWords({
  rounds,
  failed,
  acknowledged,
  recovered,
  allowed,
  explained,
  afterReconnect_ms,
  restored_ms,
  applied,
  oldDataJudged,
  effects,
}: Totals): string {
  const longest = Math.max(0, ...restored_ms) / 1000;
  return [
    `${rounds} rounds, ${failed} failed; ${acknowledged} acknowledged writes`,
    ...Object.entries(explained).map(([cause, keys]) => `${keys} writes are not on the master: ${cause}`),
    ...(applied > 0 ? [`${applied} diverged writes were applied`] : []),
    `longest time from the repair to master and replica: ${longest.toFixed(1)} s; recover-master was needed ${recovered} times, --allow-data-loss ${allowed} times`,
    `longest time with two writable masters after a reconnection: ${afterReconnect_ms.toFixed(0)} ms`,
    `old data was judged in ${oldDataJudged} of ${rounds} rounds`,
    `faults that had an effect: ${effects}`,
  ].join("\n");
}

// The esbuild service would keep the process running.
main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(2);
  },
);
