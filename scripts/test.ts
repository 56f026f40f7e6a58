import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { build } from "./build.ts";
import { root } from "./checks.ts";
import { type Outcome, runSuite, type Suite, sum } from "./run-suite.ts";

// npm test [unit|check|package|redis|lab|machines|all] [parts of file names]: builds the executables if needed, and runs the suites in order.

const suites: (Suite & { folders?: string[]; runsDist: boolean; onlyWhenNamed?: boolean })[] = [
  { name: "unit", concurrency: availableParallelism(), shared: true, limit_s: 120, runsDist: false },
  // Packages are built while the checks run, and programs are started as a user does.
  {
    name: "check",
    folders: ["check", "package", "programs"],
    concurrency: 2,
    shared: false,
    limit_s: 600,
    runsDist: false,
  },
  // The same, and the package of another architecture.
  { name: "package", concurrency: 2, shared: false, limit_s: 900, runsDist: false, onlyWhenNamed: true },
  { name: "redis", concurrency: 2, shared: false, limit_s: 300, runsDist: true },
  // Scenarios mostly wait, and assert order and outcome with generous limits of time.
  { name: "lab", concurrency: 5, shared: false, limit_s: 1200, runsDist: true },
  // Fresh Debian machines, one after the other: some 25 minutes.
  { name: "machines", concurrency: 1, shared: false, limit_s: 3000, runsDist: false, onlyWhenNamed: true },
];

// The limit of CI is 90 minutes.
const limit_s = 3600;

class UsageError extends Error {}

function filesOf({ name, folders = [name] }: (typeof suites)[number], parts: readonly string[]): string[] {
  const files = folders.flatMap((folder) => testsIn(join(root, "test", folder))).sort(slowestFirst);
  if (files.length === 0) throw new UsageError(`there is no test in test/${name}`);
  return parts.length === 0 ? files : files.filter((file) => parts.some((part) => relative(root, file).includes(part)));
}

const testsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join(folder, file));

/**
 * Each takes a minute or more, measured with two processors. They start first: nothing should be left for one process at the end. bench, doctor
 * and chaos need both processors, so they start apart.
 */
const slowest = `
  package/formats package/package check/check programs/generate-config check/run-suite
  lab/stale-data lab/right-winner lab/agent lab/recovery lab/mistakes lab/bench lab/two-holders lab/drill lab/init lab/doctor
  lab/split-brain lab/agent-heartbeat lab/failover lab/chaos lab/diverged lab/status lab/after-a-cut lab/bad-input`
  .trim()
  .split(/\s+/)
  .map((name) => join(root, "test", `${name}.test.ts`));

/** The slowest, then the others, the largest first. */
function slowestFirst(one: string, other: string): number {
  const rank = (file: string) => (slowest.includes(file) ? slowest.indexOf(file) : slowest.length);
  return rank(one) - rank(other) || statSync(other).size - statSync(one).size || one.localeCompare(other);
}

async function main([which = "all", ...parts]: string[]): Promise<void> {
  const chosen = suites.filter(({ name, onlyWhenNamed }) => (which === "all" ? !onlyWhenNamed : name === which));
  const names = ["all", ...suites.map(({ name }) => name)].join(", ");
  if (chosen.length === 0) throw new UsageError(`there is no suite ${which}; it is one of ${names}`);
  const work = chosen.map((suite) => ({ suite, files: filesOf(suite, parts) })).filter(({ files }) => files.length > 0);
  if (work.length === 0) throw new UsageError(`no test file of ${which} has ${parts.join(" or ")} in its name`);

  // With this variable each start of Node takes 54 ms instead of 22. The tests start hundreds, and measure some.
  delete process.env.NODE_EXTRA_CA_CERTS;
  if (which === "lab") process.env.LONG_SCENARIOS = "1";
  if (which === "package") process.env.ALL_ARCHITECTURES = "1";
  if (work.some(({ suite }) => suite.runsDist)) await build();
  const signal = AbortSignal.timeout(limit_s * 1000);
  const outcomes: Outcome[] = [];
  for (const { suite, files } of work) outcomes.push(await runSuite(suite, files, signal));
  const { passed, failed, ok } = sum(outcomes);
  console.log(`${passed} passed, ${failed} failed`);
  if (signal.aborted) throw new UsageError(`not done after ${limit_s} s`);
  process.exitCode = ok ? 0 : 1;
}

main(process.argv.slice(2))
  .catch((error: Error) => {
    console.error(`test: ${error instanceof UsageError ? error.message : error.stack}`);
    process.exitCode = 1;
  })
  // A test file that ignores its SIGTERM must not keep this process running.
  .finally(() => process.exit());
