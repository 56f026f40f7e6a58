import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { allMutants, bundleWith, type Numbered, type Project } from "./bundle.ts";

/** The request is wrong, not the tests. */
export class RequestError extends Error {}

export interface Request extends Project {
  /** Mutants that no test can notice: the reason of each, by its key. */
  equivalent: Readonly<Record<string, string>>;
  /** Selects the mutants to try. */
  choose: (mutants: Numbered[]) => Numbered[];
  onSurvivor?: (mutant: Numbered) => void;
  /** A mutant that takes longer counts as endless. */
  limit_ms?: number;
}

export interface Score {
  mutants: number;
  killed: number;
  equivalent: number;
  survivors: Numbered[];
  /** Those of the killed mutants that reached the time limit. */
  endless: Numbered[];
  /** The percentage of killed mutants, without the equivalent ones. */
  percent: number;
}

/** Runs the tests with each chosen mutant, and returns which of them the tests notice. */
export async function tryMutants(request: Request): Promise<Score> {
  const mutants = allMutants(request);
  const known = new Set(mutants.map(({ key }) => key));
  const stale = Object.keys(request.equivalent).filter((key) => !known.has(key));
  if (stale.length > 0)
    throw new RequestError(`listed as equivalent, but there is no such mutant: ${stale.join("\n  ")}`);
  const chosen = request.choose(mutants);
  if (chosen.length === 0) throw new RequestError("no mutant is chosen");

  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-mutants-"));
  try {
    const bundle = join(folder, "tests.mjs");
    await bundleWith(request, mutants, bundle);
    const started = performance.now();
    const { ended, output } = await runTests(bundle, undefined, 120_000);
    if (ended !== "well") throw new RequestError(`the tests fail without any mutant: ${output}`);
    // An endless loop counts as noticed. The limit is generous, so that a busy machine does not count.
    const limit_ms = request.limit_ms ?? Math.round(5000 + 10 * (performance.now() - started));
    return await inParallel(chosen, request, async ({ id }) => (await runTests(bundle, id, limit_ms)).ended);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function inParallel(
  chosen: readonly Numbered[],
  { equivalent, onSurvivor }: Request,
  endOf: (mutant: Numbered) => Promise<End>,
): Promise<Score> {
  const survivors: Numbered[] = [];
  const endless: Numbered[] = [];
  let killed = 0;
  let same = 0;
  const waiting = chosen.values();
  const worker = async () => {
    for (const mutant of waiting) {
      const end = await endOf(mutant);
      const dead = end !== "well";
      const listed = Object.hasOwn(equivalent, mutant.key);
      if (dead && listed) throw new RequestError(`listed as equivalent, but a test notices it: ${mutant.key}`);
      if (end === "never") endless.push(mutant);
      if (dead) killed++;
      else if (listed) same++;
      else {
        survivors.push(mutant);
        onSurvivor?.(mutant);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  survivors.sort((a, b) => a.id - b.id);
  const counted = chosen.length - same;
  const percent = counted === 0 ? 100 : (100 * killed) / counted;
  return { mutants: chosen.length, killed, equivalent: same, survivors, endless, percent };
}

type End = "well" | "failed" | "never";

async function runTests(bundle: string, mutant: number | undefined, limit_ms: number) {
  const which = mutant === undefined ? {} : { MUTANT: String(mutant) };
  const env = { TIMES: join(dirname(bundle), "times.json"), ...which };
  const child = spawn(process.execPath, [bundle], { env, stdio: ["ignore", "ignore", "pipe"], timeout: limit_ms });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const ended: End = code === 0 ? "well" : child.killed ? "never" : "failed";
  return { ended, output };
}
