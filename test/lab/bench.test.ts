import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { load } from "../bench/results.ts";
import { skipLong } from "./scenario.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const timeout_ms = 240_000;

test("bench --smoke: a crash and a planned move with each of two contenders, and a report", async () => {
  const out = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const bench = ["--import", "tsx", join(root, "test/bench/bench.ts"), "--smoke", "--out", out];
    await promisify(execFile)(process.execPath, bench, { cwd: root, timeout: timeout_ms });
    const { failovers } = load(out);
    const run = failovers.map(({ contender, event, trials }) => `${contender} ${event} ${trials.length}`);
    const expected = ["hooks", "agent"].flatMap((name) => [`${name} crash 1`, `${name} move 1`]);
    assert.deepEqual(run.sort(), expected.sort());
    for (const { contender, event, failed, trials } of failovers) {
      assert.equal(failed, 0, `${contender} ${event}`);
      for (const { gap_ms, acknowledged, lost } of trials) {
        assert.ok(gap_ms > 0 && acknowledged > 200);
        // A planned move must lose nothing. A crash may lose writes in flight.
        if (event === "move") assert.equal(lost, 0, `${contender} lost writes`);
      }
    }
    const report = readFileSync(join(out, "RESULTS.md"), "utf8");
    for (const title of ["## crash:", "## move:"]) assert.ok(report.includes(title), report);
    assert.match(readFileSync(join(out, "gaps.svg"), "utf8"), /<svg/);
  } finally {
    rmSync(out, { recursive: true });
  }
});

test("bench --parts clients: what a crash costs with each setting of a client library", {
  skip: skipLong,
}, async () => {
  const out = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const only = ["--parts", "clients", "--libraries", "ioredis5", "--events", "crash", "--runs", "1", "--out", out];
    const bench = ["--import", "tsx", join(root, "test/bench/bench.ts"), ...only];
    await promisify(execFile)(process.execPath, bench, { cwd: root, timeout: timeout_ms });
    const { clients } = load(out);
    const settings = clients.map(({ setting }) => setting);
    assert.deepEqual(settings, ["default", "default,concurrent", "commandTimeout", "recommended"]);
    // ioredis waits and sends again what had no reply. A new master that isn't promoted yet may say READONLY, which is a reply.
    for (const { setting, trials } of clients)
      for (const { gap_ms, failures } of trials) {
        assert.ok(gap_ms !== null && gap_ms > 0, setting);
        const others = Object.keys(failures).filter((kind) => !kind.includes("READONLY"));
        if (setting === "default") assert.deepEqual(others, []);
      }
    assert.match(readFileSync(join(out, "RESULTS.md"), "utf8"), /## What applications see/);
  } finally {
    rmSync(out, { recursive: true });
  }
});
