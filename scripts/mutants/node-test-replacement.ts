import { readFileSync, writeFileSync } from "node:fs";

// Replaces node:test in the bundle that is run for each mutant: the first test that fails ends the process, and there is no
// report. The other exports of node:test are missing, so that tests which need them can't be bundled.

type Body = () => unknown;
const tests: { name: string; body: Body }[] = [];
const names: string[] = [];

export function describe(name: string, body: () => void): void {
  names.push(name);
  body();
  names.pop();
}

export function it(name: string, body: Body): void {
  tests.push({ name: [...names, name].join(", "), body });
}

export const test = (name: string, body: Body): void => it(name, body);

/** Runs all tests. The run without a mutant records the time of each. */
export async function runTests(): Promise<void> {
  if (tests.length === 0) throw new Error("there is no test");
  const { MUTANT, TIMES = "" } = process.env;
  const before: Record<string, number> = MUTANT ? JSON.parse(readFileSync(TIMES, "utf8")) : {};
  const times: Record<string, number> = {};
  // The quick tests first: most mutants are noticed by them.
  for (const { name, body } of tests.sort((a, b) => (before[a.name] ?? 0) - (before[b.name] ?? 0))) {
    const started = performance.now();
    try {
      await body();
    } catch (error) {
      console.error(`${name}: ${error instanceof Error ? error.message : error}`);
      process.exit(1);
    }
    times[name] = performance.now() - started;
  }
  if (!MUTANT) writeFileSync(TIMES, JSON.stringify(times));
}
