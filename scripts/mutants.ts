import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { equivalent } from "../test/mutants/equivalent.ts";
import { root } from "./checks.ts";
import { allMutants, type Numbered } from "./mutants/bundle.ts";
import { RequestError, type Score, tryMutants } from "./mutants/run.ts";

// npm run mutants: does a unit test cover each decision in src/decide? Changes one place at a time and runs the tests.

const usage = `usage: npm run mutants -- [--sample N [--seed N] | --all] [--file PART] [--list]
  --sample N   try so many mutants (200), chosen by --seed (1)
  --all        try all mutants
  --file PART  only those in files with PART in their names
  --list       list the mutants, run no test`;

/** The percentage of mutants that the tests must notice. */
export const enough = 95;

const project = { root, code: "src/decide", tests: "test/unit" };

/** A random sample. A change of the code leaves the choice of the other mutants as it is. */
export function sample(mutants: readonly Numbered[], size: number, seed: number): Numbered[] {
  const rank = ({ key }: Numbered) => createHash("sha256").update(`${seed} ${key}`).digest("hex");
  const ranked = mutants.map((mutant) => ({ mutant, rank: rank(mutant) }));
  return ranked
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, size)
    .map(({ mutant }) => mutant);
}

/** Tries mutants of src/decide. */
export const tryDecisions = (choose: (mutants: Numbered[]) => Numbered[], onSurvivor = printMutant): Promise<Score> =>
  tryMutants({ ...project, equivalent, choose, onSurvivor });

const printMutant = (mutant: Numbered): void => console.log(inWords(mutant));

export const inWords = ({ file, line, before, after }: Numbered): string =>
  `${project.code}/${file}:${line}: ${before} -> ${after}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sample: { type: "string", default: "200" },
      seed: { type: "string", default: "1" },
      file: { type: "string", default: "" },
      all: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const choose = (mutants: Numbered[]): Numbered[] => {
    const inFiles = mutants.filter(({ file }) => file.includes(values.file));
    return values.all ? inFiles : sample(inFiles, Number(values.sample), Number(values.seed));
  };
  if (values.list) {
    for (const { key } of choose(allMutants(project))) console.log(key);
    return;
  }
  const { mutants, killed, equivalent, survivors, endless, percent } = await tryDecisions(choose);
  // Many of them may mean that the machine is too busy.
  for (const mutant of endless) console.log(`${inWords(mutant)} (killed: time limit)`);
  const score = `${Math.floor(percent * 10) / 10} %`;
  console.log(
    `${mutants} mutants, ${killed} killed, ${equivalent} equivalent, ${survivors.length} survived (${score})`,
  );
  if (percent < enough) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) {
  main().catch((error: Error) => {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const mistake = error instanceof RequestError || code.startsWith("ERR_PARSE_ARGS");
    console.error(`mutants: ${mistake ? error.message : error.stack}${code ? `\n${usage}` : ""}`);
    process.exitCode = 2;
  });
}
