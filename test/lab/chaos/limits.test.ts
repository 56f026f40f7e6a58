import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../watch/intervals.ts";
import { MasterReport } from "../watch/master-report.ts";
import type { RedisRun } from "./redis-runs.ts";
import { cutsBetween, withoutCause } from "./role-changes.ts";
import { limitsOf } from "./round-checks.ts";
import { twoMasters } from "./two-masters.ts";
import type { Touch } from "./untouched.ts";
import { patience_ms } from "./wait-for-pair.ts";

/** Where the limit of a check lies, and which limit judges a case that two of them could. */

const readEvery_ms = 10;
const end_ms = 10_000;
const times = Array.from({ length: end_ms / readEvery_ms }, (_, index) => readEvery_ms * index);

const writableFrom = (from_ms: number, until_ms: number): Reading[] =>
  times.map((at_ms) => ({ holds: at_ms >= from_ms && at_ms < until_ms, asked_ms: at_ms, answered_ms: at_ms }));

const run = (server: string, readings: readonly Reading[]): RedisRun => ({
  server,
  runId: server,
  number: 1,
  samples: readings.map(({ holds, ...times }) => ({
    ...times,
    master: holds,
    keys: 0,
    offsetCounts: true,
    id: "a",
    offset: 0,
    previous: undefined,
  })),
});

/** One is the master all the time, the other one from `from_ms` until `until_ms`; the link between them is back at 2 s. */
function two(from_ms: number, until_ms: number, sawBefore_ms: number) {
  const one = writableFrom(0, end_ms);
  const other = writableFrom(from_ms, until_ms);
  const report = new MasterReport(
    [],
    new Map([
      ["one", one],
      ["other", other],
    ]),
    end_ms,
  );
  return twoMasters(report, [run("one", one), run("other", other)], [{ start_ms: 2000, end_ms }], sawBefore_ms);
}

for (const [profile, sawBefore_ms] of [
  ["hooks", 600],
  ["agent", 150],
] as const)
  test(`a second master is judged as in contact once what it decided on was seen in contact, ${profile}`, () => {
    const limits = limitsOf("all", 2, profile);
    assert.equal(limits.sawBefore_ms, sawBefore_ms);
    const early = two(2000 + sawBefore_ms - 50, 4000, limits.sawBefore_ms);
    assert.equal(early.whileConnected_ms, 0);
    // It counts from the reconnection on.
    assert.equal(early.afterReconnect_ms, 4000 - readEvery_ms - 2000);
    const late = two(2000 + sawBefore_ms + 50, 4000, limits.sawBefore_ms);
    assert.equal(late.afterReconnect_ms, 0);
    assert.ok(late.whileConnected_ms > limits.inContact_ms);
    // One that is never demoted is found by either limit.
    assert.ok(two(1000, end_ms, limits.sawBefore_ms).afterReconnect_ms > limits.afterReconnect_ms);
  });

test("a cut between the servers explains two role changes, another fault one", () => {
  const touches = (kind: Touch["kind"]): Touch[] => [{ at_ms: 1000, kind, server: "one" }];
  const changes = [
    { at_ms: 1500, from: "one", to: "other" },
    { at_ms: 2000, from: "other", to: "one" },
    { at_ms: 2500, from: "one", to: "other" },
  ];
  const unexplained = (kind: Touch["kind"]) =>
    withoutCause(changes, [1000, ...cutsBetween(touches(kind))]).map(({ at_ms }) => at_ms);
  assert.deepEqual(unexplained("cut-link"), [2500]);
  assert.deepEqual(unexplained("cut-link-one-way"), [2500]);
  assert.deepEqual(unexplained("cut-from-client"), [2000, 2500]);
  assert.deepEqual(unexplained("hang-redis"), [2000, 2500]);
});

test("a pair has 40 s after the repair, and 30 s to copy what an operator allowed", () => {
  assert.equal(patience_ms(undefined), 40_000);
  assert.equal(patience_ms(5_000), 40_000);
  assert.equal(patience_ms(25_000), 55_000);
});
