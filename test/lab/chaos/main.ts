import { parseArgs } from "node:util";
import { planOfWords } from "./plan.ts";
import { chaos, type Totals } from "./run.ts";

/** `npm run chaos`: random faults on hosts under load. Checks that no acknowledged write is lost without a reason. */

const usage = `npm run chaos -- [--seed N] [--rounds M] [--from K] [--keep-going] [--profile hooks|agent] [--do "PLAN"]`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      rounds: { type: "string" },
      from: { type: "string", default: "1" },
      "keep-going": { type: "boolean", default: false },
      profile: { type: "string", default: "hooks" },
      do: { type: "string" },
    },
  });
  const profile = (["hooks", "agent"] as const).find((one) => one === values.profile);
  if (!profile) throw new Error(`no profile "${values.profile}"\n${usage}`);
  const totals = await chaos({
    seed: wholeNumber(values.seed),
    rounds: wholeNumber(values.rounds ?? (values.do === undefined ? "10" : "1")),
    from: wholeNumber(values.from),
    keepGoing: values["keep-going"],
    plan: values.do === undefined ? undefined : planOfWords(values.do),
    profile,
    print: console.log,
  });
  console.log(inWords(totals));
  return totals.failed === 0 ? 0 : 1;
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
  explained,
  afterReconnect_ms,
  restored_ms,
}: Totals): string {
  const longest = Math.max(0, ...restored_ms) / 1000;
  return [
    `${rounds} rounds, ${failed} failed; ${acknowledged} acknowledged writes`,
    ...Object.entries(explained).map(([cause, keys]) => `${keys} writes are not on the master: ${cause}`),
    `longest time from the repair to master and replica: ${longest.toFixed(1)} s; recover-master was needed ${recovered} times`,
    `longest time with two writable masters after a reconnection: ${afterReconnect_ms.toFixed(0)} ms`,
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
