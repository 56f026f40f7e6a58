import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { load } from "../bench/results.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const patience_ms = 240_000;

test("the bench's smoke: each of three ways to fail over is struck by a crash and moved, and the report says so", async () => {
  const out = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const bench = ["--import", "tsx", join(root, "test/bench/bench.ts"), "--smoke", "--out", out];
    await promisify(execFile)(process.execPath, bench, { cwd: root, timeout: patience_ms });
    const { failovers } = load(out);
    const run = failovers.map(({ contender, event, trials }) => `${contender} ${event} ${trials.length}`);
    const expected = ["sentinel-1s", "hooks", "agent"].flatMap((name) => [`${name} crash 1`, `${name} move 1`]);
    assert.deepEqual(run.sort(), expected.sort());
    for (const { contender, event, failed, trials } of failovers) {
      assert.equal(failed, 0, `${contender} ${event}`);
      for (const { gap_ms, acknowledged, lost } of trials) {
        assert.ok(gap_ms > 0 && acknowledged > 200);
        // What is promised; a crash may cost what was in flight, and Sentinel promises nothing.
        if (event === "move" && contender !== "sentinel-1s") assert.equal(lost, 0, `${contender} lost writes`);
      }
    }
    const report = readFileSync(join(out, "RESULTS.md"), "utf8");
    for (const title of ["## crash:", "## move:"]) assert.ok(report.includes(title), report);
    assert.match(readFileSync(join(out, "gaps.svg"), "utf8"), /<svg/);
  } finally {
    rmSync(out, { recursive: true });
  }
});
