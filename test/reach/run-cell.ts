import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/checks.ts";
import { type Cell, type SuiteName, suites } from "./cells.ts";
import type { Run } from "./record.ts";
import { cache, inCell } from "./trees.ts";

const suite_ms = 40 * 60_000;
const file_s = 1200;
// More than these are no matter of a busy machine.
const most_again = 12;

interface Ended {
  name: string;
  outcome: "passed" | "failed" | "skipped";
  said?: string;
}

/**
 * Runs a suite in a cell, and tests that failed once more, by themselves: on a busy machine some miss their limits of time. The whole
 * output is in files of the cache.
 */
export async function runSuite(cell: Cell, suite: SuiteName): Promise<Run> {
  const started = Date.now();
  const first = await attempt(cell, suite, []);
  const again = suite === "config" ? [] : await passedAgain(cell, suite, named(first.ended, "failed"));
  const failed = named(first.ended, "failed").filter((name) => !again.includes(name));
  const passed = [...named(first.ended, "passed"), ...again];
  const said = [...new Set(first.ended.flatMap(({ said }) => said || []))];
  const broken = first.code !== 0 && failed.length + again.length === 0;
  return {
    date: new Date(started).toISOString().slice(0, 10),
    commit: commit(),
    seconds: Math.round((Date.now() - started) / 1000),
    passed: passed.length,
    ...{ failed, again, skipped: named(first.ended, "skipped") },
    ...(suite === "settings" || suite === "upgrade" ? { listed: passed } : {}),
    ...(said.length > 0 ? { said } : {}),
    ...(broken ? { broken: `exit ${first.code}` } : {}),
  };
}

const named = (ended: readonly Ended[], outcome: Ended["outcome"]): string[] =>
  ended.filter((one) => one.outcome === outcome).map(({ name }) => name);

async function passedAgain(cell: Cell, suite: SuiteName, failed: string[]): Promise<string[]> {
  if (failed.length === 0 || failed.length > most_again) return [];
  const { ended } = await attempt(cell, suite, failed);
  return failed.filter((name) => named(ended, "passed").includes(name) && !named(ended, "failed").includes(name));
}

async function attempt(
  cell: Cell,
  suite: SuiteName,
  only: readonly string[],
): Promise<{ ended: Ended[]; code: number | null }> {
  const log = join(cache, `${cell.name}-${suite}${only.length > 0 ? "-again" : ""}.log`);
  const { lines, code } = await output(inCell(cell, commandOf(suite, only)), log);
  return { ended: lines.flatMap(parse), code };
}

// For test/reach/rolling-upgrade.test.ts.
const upgradeVariables = ["KEEPALIVED_REDIS_NEWER=/opt/newer", "KEEPALIVED_REDIS_OLDER=/opt/older"];

function commandOf(suite: SuiteName, only: readonly string[]): string[] {
  if (suite === "config") return ["sh", "test/reach/golden.sh"];
  const { files, concurrency } = suites[suite];
  return [
    ...[
      "env",
      `TEST_FILE_LIMIT_S=${file_s}`,
      ...(suite === "upgrade" ? upgradeVariables : []),
      // Both profiles of each.
      ...(suite === "settings" ? ["LONG_SCENARIOS=1"] : []),
      "node",
      "--import",
      "tsx",
      "--import",
      "./scripts/test-process.mjs",
      "--test",
    ],
    ...["--test-reporter=./test/reach/events.mjs", "--test-reporter-destination=stdout"],
    ...[
      "--test-reporter=spec",
      "--test-reporter-destination=stderr",
      `--test-concurrency=${only.length > 0 ? 1 : concurrency}`,
    ],
    ...only.map((name) => `--test-name-pattern=^${name.replaceAll(/[^\w ]/g, "\\$&")}$`),
    ...files.flatMap(testFiles),
  ];
}

const testFiles = (path: string): string[] =>
  path.endsWith("/")
    ? readdirSync(join(root, "test", path))
        .filter((name) => name.endsWith(".test.ts"))
        .sort()
        .map((name) => `test/${path}${name}`)
    : [`test/${path}`];

function output([program = "", ...args]: string[], log: string): Promise<{ lines: string[]; code: number | null }> {
  const file = createWriteStream(log);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: suite_ms, killSignal: "SIGKILL" });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    file.write(more);
  });
  child.stderr.on("data", (more) => void file.write(more));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => file.end(() => resolve({ lines: text.split("\n"), code })));
  });
}

function parse(line: string): Ended[] {
  try {
    const ended = JSON.parse(line) as Ended;
    return typeof ended.name === "string" && typeof ended.outcome === "string" ? [ended] : [];
  } catch {
    // A line that a test printed.
    return [];
  }
}

function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", "bin", "src", "test", "scripts", "keepalived-templates") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${changed ? "+" : ""}`;
}

/** The versions of the programs in a cell. */
export async function versions(cell: Cell): Promise<Record<string, string>> {
  const ask =
    "keepalived --version 2>&1 | sed -n 's/^Keepalived v\\([0-9.]*\\).*/keepalived \\1/p'; node --version 2>/dev/null | sed 's/^v/node /'; " +
    'for name in redis valkey; do $name-server --version 2>/dev/null | sed -n "s/.* v=\\([0-9.]*\\) .*/$name \\1/p"; done; ' +
    "sed -n 's/^/debian /p' /etc/debian_version";
  const { lines } = await output(inCell(cell, ["sh", "-c", ask]), join(cache, `${cell.name}-versions.log`));
  return Object.fromEntries(
    lines.filter((line) => line.includes(" ")).map((line) => line.split(" ") as [string, string]),
  );
}
