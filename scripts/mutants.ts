import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { equivalent } from "../test/mutants/equivalent.ts";
import { root } from "./checks.ts";
import { allMutants, type Numbered } from "./mutants/bundle.ts";
import { Mistake, type Score, tryMutants } from "./mutants/run.ts";

// npm run mutants: is each decision in src/decide held by a unit test? Changes one place of it at a time and runs them.

const usage = `usage: npm run mutants -- [--sample N [--seed N] | --all] [--file PART] [--list]
  --sample N   so many of them (200), chosen by --seed (1)
  --all        every one
  --file PART  only those of files that have this in their names
  --list       name them, run nothing`;

/** The tests must notice so many of a hundred. */
export const enough = 95;

const project = { root, code: "src/decide", tests: "test/unit" };

/** A random choice that stays the same while the code around it changes. */
export function sample(mutants: readonly Numbered[], size: number, seed: number): Numbered[] {
  const rank = ({ key }: Numbered) => createHash("sha256").update(`${seed} ${key}`).digest("hex");
  const ranked = mutants.map((mutant) => ({ mutant, rank: rank(mutant) }));
  return ranked
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, size)
    .map(({ mutant }) => mutant);
}

/** Tries mutants of the decisions. */
export const tryDecisions = (choose: (mutants: Numbered[]) => Numbered[], onSurvivor = say): Promise<Score> =>
  tryMutants({ ...project, equivalent, choose, onSurvivor });

const say = (mutant: Numbered): void => console.log(inWords(mutant));

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
    const those = mutants.filter(({ file }) => file.includes(values.file));
    return values.all ? those : sample(those, Number(values.sample), Number(values.seed));
  };
  if (values.list) {
    for (const { key } of choose(allMutants(project))) console.log(key);
    return;
  }
  const { mutants, killed, equivalent, survivors, endless, percent } = await tryDecisions(choose);
  // Should there be many, look whether the machine has too much else to do.
  for (const mutant of endless) console.log(`${inWords(mutant)} (killed: it never ends)`);
  const score = `${Math.floor(percent * 10) / 10} %`;
  console.log(
    `${mutants} mutants, ${killed} killed, ${equivalent} equivalent, ${survivors.length} survived (${score})`,
  );
  if (percent < enough) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) {
  main().catch((error: Error) => {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const mistake = error instanceof Mistake || code.startsWith("ERR_PARSE_ARGS");
    console.error(`mutants: ${mistake ? error.message : error.stack}${code ? `\n${usage}` : ""}`);
    process.exitCode = 2;
  });
}
