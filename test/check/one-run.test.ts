import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-run-"));
after(() => rmSync(folder, { recursive: true }));

const planted: Record<string, string> = {
  good: 'it("is good", () => {}); it("is good, too", () => {});',
  bad: 'it("is bad", () => { throw new Error("as planted"); });',
  broken: 'import "./not-there.ts";',
  hanging: 'it("hangs", () => new Promise(() => setInterval(() => {}, 1000)));',
  empty: "",
};

/** Runs suites of planted test files as scripts/test.ts runs them; how it ended and what was counted. */
function run(suites: string[][], { patience_s = 20, whole_s = 60 } = {}) {
  for (const [name, text] of Object.entries(planted))
    writeFileSync(join(folder, `${name}.test.mjs`), `import { it } from "node:test";\n${text}\n`);
  const oneRun = fileURLToPath(new URL("../../scripts/one-run.ts", import.meta.url));
  const suite = { name: "planted", concurrency: 2, patience_s };
  const work = suites.map((names) => ({ suite, files: names.map((name) => join(folder, `${name}.test.mjs`)) }));
  const script = join(folder, "script.mts");
  writeFileSync(
    script,
    `import { spec } from "node:test/reporters";
    import { Readable } from "node:stream";
    import { asOneRun } from ${JSON.stringify(oneRun)};
    const events = asOneRun(${JSON.stringify(work)}, AbortSignal.timeout(${whole_s * 1000}));
    Readable.from(events).pipe(new spec()).pipe(process.stdout);`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const options = {
    encoding: "utf8",
    env,
    timeout: 60_000,
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  } as const;
  const { status, stdout } = spawnSync(process.execPath, ["--import", "tsx", script], options);
  const count = (what: string) =>
    [...stdout.matchAll(new RegExp(`^ℹ ${what} (\\d+)$`, "gm"))].map(([, n]) => Number(n));
  return { status, tests: count("tests"), pass: count("pass"), fail: count("fail"), cancelled: count("cancelled") };
}

describe("several suites as one run", () => {
  it("are counted together, once", () => {
    const counted = { status: 0, tests: [4], pass: [4], fail: [0], cancelled: [0] };
    assert.deepEqual(run([["good"], ["good"]]), counted);
  });

  it("fail when one test fails, wherever it stands", () => {
    assert.deepEqual(run([["bad"], ["good"]]), { status: 1, tests: [3], pass: [2], fail: [1], cancelled: [0] });
    assert.equal(run([["good"], ["good", "broken"]]).status, 1);
  });

  it("fail when nothing was tested", () => {
    assert.equal(run([[], []]).status, 1);
  });

  it("don't wait for ever: neither for one file nor for all", () => {
    const one = run([["hanging"], ["good"]], { patience_s: 6 });
    assert.deepEqual([one.status, one.pass], [1, [2]]);
    const all = run([["hanging"], ["good"]], { whole_s: 2 });
    assert.deepEqual([all.status, all.pass], [1, [0]]);
  });
});
