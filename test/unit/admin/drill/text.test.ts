import assert from "node:assert/strict";
import { it } from "node:test";
import { drillLines } from "../../../../src/admin/drill/text.ts";
import type { DrillPart, DrillReport, DrillStep } from "../../../../src/model/drill.ts";

const step = (part: DrillPart, waited_s: number, took_s: number, more: Partial<DrillStep> = {}): DrillStep => ({
  ...{ part, at: "2026-01-01T00:00:00.000Z", waited_s, took_s, gap_ms: null, predicted_ms: null, lost: null },
  ...more,
});

const report: DrillReport = {
  ...{ version: 1, cluster: "sessions", from: "server12", from_holder: false, profile: "hooks", kind: "kill-redis" },
  ...{ master: "server11", replica: "server12", writes: 4321, result: "good", conclusion: "well" },
  steps: [
    step("checks", 0, 1.402),
    step("kill", 0, 0.71, { gap_ms: 669.4, predicted_ms: 1360, lost: 2 }),
    step("recover", 0, 1.95, { gap_ms: 3.1, lost: 0 }),
    step("back", 1.9, 0.125, { gap_ms: 113, predicted_ms: 360, lost: 0 }),
  ],
};

it("a report is a table of 80 columns", () => {
  assert.deepEqual(drillLines(report, 80), [
    "sessions: from server11 to server12 and back, profile hooks, 4321 writes",
    "acknowledged; run on server12, which did not have the virtual IP",
    "",
    "              waited    took  no write for        predicted  lost",
    "checks        0.00 s  1.40 s             -                -     -",
    "Redis killed  0.00 s  0.71 s      669.4 ms  at most 1360 ms     2",
    "recovery      0.00 s  1.95 s        3.1 ms                -     0",
    "move back     1.90 s  0.13 s        113 ms   at most 360 ms     0",
    "",
  ]);
  const long = "a".repeat(32);
  const worst = { ...report, cluster: long, master: long, replica: long, from: long, profile: null };
  for (const line of drillLines(worst, 80)) assert.ok(line.length <= 80, line);
});
