import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { root } from "./checks.ts";

export interface Suite {
  /** Its folder in test/. */
  name: string;
  /** The number of processes at the same time. */
  concurrency: number;
  /** Whether a process runs many files, or only one. */
  shared: boolean;
  /** The time limit of a process. */
  limit_s: number;
}

export interface Outcome {
  passed: number;
  failed: number;
  ok: boolean;
}

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Runs test files with node:test and prints its report. Not ok if a test failed, no test ran, or the signal ended the run. */
export async function runSuite(
  suite: Suite,
  files: readonly string[],
  signal: AbortSignal,
  print: (report: string) => void = (report) => void process.stdout.write(report),
): Promise<Outcome> {
  const { concurrency, shared, limit_s } = suite;
  if (!shared)
    return outcomeOf(await report([beside("process-each.ts"), String(concurrency), ...files], limit_s, signal, print));
  // Files that start programs or try thousands of cases take seconds, the others milliseconds. Each process gets a share of all.
  const slowness = (file: string) => {
    const text = readFileSync(file, "utf8");
    return text.includes("node:child_process") ? 2 : text.includes("fc.assert(") ? 1 : 0;
  };
  const slowFirst = [...files].sort((a, b) => slowness(b) - slowness(a));
  const shares = Array.from({ length: concurrency }, (_, nth) => slowFirst.filter((_, n) => n % concurrency === nth));
  const running = shares
    .filter((share) => share.length > 0)
    .map(async (share) => {
      const complete = await report([beside("one-process.ts"), ...share], limit_s, signal, () => undefined);
      // Printed at the end, since two reports at the same time would be mixed.
      print(complete.text);
      return outcomeOf(complete);
    });
  return sum(await Promise.all(running));
}

export const sum = (outcomes: readonly Outcome[]): Outcome => ({
  passed: outcomes.reduce((total, { passed }) => total + passed, 0),
  failed: outcomes.reduce((total, { failed }) => total + failed, 0),
  ok: outcomes.length > 0 && outcomes.every(({ ok }) => ok),
});

interface Report {
  text: string;
  code: number | null;
}

function report(args: string[], limit_s: number, signal: AbortSignal, print: (text: string) => void): Promise<Report> {
  const { NODE_TEST_CONTEXT: _, FORCE_COLOR: __, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--import", beside("test-process.mjs"), "--test-reporter=spec", ...args],
    { cwd: root, env: { ...env, TEST_FILE_LIMIT_S: String(limit_s) }, stdio: ["ignore", "pipe", "inherit"], signal },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    print(more);
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code) => resolve({ text, code }));
    // After the signal a process that does not end must not delay the result.
    child.on("error", (error) => (signal.aborted ? resolve({ text, code: null }) : reject(error)));
  });
}

/** Reads the summary of the reporter of node:test. */
function outcomeOf({ text, code }: Report): Outcome {
  const count = (what: string) => Number([...text.matchAll(new RegExp(`^ℹ ${what} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
  const passed = count("pass");
  // A file that can't be loaded is in no count.
  const failed = Math.max(count("fail") + count("cancelled"), code === 0 ? 0 : 1);
  return { passed, failed, ok: failed === 0 && passed > 0 };
}
