import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { root } from "../../scripts/checks.ts";
import { runSuite } from "../../scripts/run-suite.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-run-"));
after(() => rmSync(folder, { recursive: true }));

const planted: Record<string, string> = {
  good: 'it("is good", () => {}); it("is good, too", () => {});',
  bad: 'it("is bad", () => { throw new Error("as planted"); });',
  broken: 'import "./not-there.ts";',
  hanging: 'it("hangs", () => new Promise(() => setInterval(() => {}, 1000)));',
  open: 'it("is good", () => {}); setInterval(() => {}, 1000);',
  ownHooks: 'import { beforeEach } from "node:test"; beforeEach(() => { throw new Error("not yours"); });',
  empty: "",
};

before(() => {
  for (const [name, text] of Object.entries(planted))
    writeFileSync(join(folder, `${name}.test.mts`), `import { it } from "node:test";\n${text}\n`);
});

/** Runs planted test files as a suite. Returns the outcome and the report of node:test. */
async function run(shared: boolean, names: string[], { limit_s = 60, run_s = 60 } = {}) {
  const files = names.map((name) => join(folder, `${name}.test.mts`));
  let report = "";
  const suite = { name: "planted", concurrency: 1, shared, limit_s };
  const outcome = await runSuite(suite, files, AbortSignal.timeout(run_s * 1000), (text) => {
    report += text;
  });
  return { ...outcome, report };
}

for (const shared of [false, true])
  describe(shared ? "test files in one process" : "test files in a process each", () => {
    it("are counted as node:test counts them", async () => {
      const { passed, failed, ok, report } = await run(shared, ["good"]);
      assert.deepEqual({ passed, failed, ok }, { passed: 2, failed: 0, ok: true });
      assert.match(report, /^ℹ tests 2\n(ℹ .*\n)*ℹ pass 2\nℹ fail 0\n/m);
    });

    it("fail if one test fails or one file can't be imported, in any order", async () => {
      for (const names of [
        ["bad", "good"],
        ["good", "bad"],
        ["broken", "good"],
        ["good", "broken"],
      ]) {
        const { passed, ok } = await run(shared, names);
        assert.deepEqual({ names, passed, ok }, { names, passed: 2, ok: false });
      }
    });

    it("have a time limit for each file and for the run", async () => {
      for (const name of ["hanging", "open"]) {
        assert.equal((await run(shared, [name], { limit_s: 3 })).ok, false);
        assert.equal((await run(shared, [name], { run_s: 3 })).ok, false);
      }
    });
  });

describe("test files in one process", () => {
  it("fail if there is no test", async () => {
    assert.deepEqual((await run(true, ["empty"])).ok, false);
    assert.deepEqual((await run(true, [])).ok, false);
  });

  it("have their own before() and afterEach()", async () => {
    assert.equal((await run(true, ["ownHooks", "good"])).ok, true);
  });
});

describe("npm test", () => {
  it("fails for a suite or a file that does not exist", () => {
    const test = (...args: string[]) => {
      const argv = ["--import", "tsx", join(root, "scripts/test.ts"), ...args];
      const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", cwd: root });
      return { status, stderr };
    };
    assert.deepEqual(test("unti"), {
      status: 1,
      stderr: "test: there is no suite unti; it is one of all, unit, check, package, redis, lab, machines\n",
    });
    assert.deepEqual(test("unit", "nowhere"), {
      status: 1,
      stderr: "test: no test file of unit has nowhere in its name\n",
    });
  });
});
