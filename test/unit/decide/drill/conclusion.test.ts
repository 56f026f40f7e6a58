import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { conclusion, type Drilled, predicted_ms } from "../../../../src/decide/drill/conclusion.ts";
import type { DrillPart, DrillStep } from "../../../../src/model/drill.ts";

const prediction = { redis_killed_s: 1.13, redis_hangs_s: 2, host_cut_off_s: 3, planned_move_s: 0.36 };

it("a kill is predicted, and so is a planned move; a recovery costs clients nothing", () => {
  const parts: DrillPart[] = ["checks", "there", "kill", "recover", "back"];
  assert.deepEqual(
    parts.map((part) => predicted_ms(part, prediction)),
    [null, 360, 1130, null, 360],
  );
  assert.deepEqual(
    parts.map((part) => predicted_ms(part, null)),
    [null, null, null, null, null],
  );
});

const step = (part: DrillPart, more: Partial<DrillStep> = {}): DrillStep => ({
  ...{ part, at: "", waited_s: 0, took_s: 1, gap_ms: 20, predicted_ms: 60, lost: 0 },
  ...more,
});
const checks = step("checks", { gap_ms: null, predicted_ms: null, lost: null });
const move = { master: "server11", replica: "server12", failure: undefined } as const;

function concluded(steps: DrillStep[], more: Partial<Drilled> = {}): string {
  const { result, conclusion: words } = conclusion({ ...move, steps: [checks, ...steps], ...more });
  return `${result}: ${words}`;
}

const back = "server11 is master again, server12 its replica";

describe("a drill ends", () => {
  it("good", () => {
    assert.equal(concluded([step("there"), step("back", { gap_ms: 60 })]), `good: ${back}, and nothing is lost`);
    assert.equal(concluded([step("there", { gap_ms: 900, predicted_ms: null })]), `good: ${back}, and nothing is lost`);
  });

  it("slow: longer than predicted in one part", () => {
    const slow = `slow: ${back}, but clients waited for longer than predicted`;
    assert.equal(concluded([step("there"), step("back", { gap_ms: 60.1 })]), slow);
    assert.equal(concluded([step("there", { gap_ms: 61 }), step("back")]), slow);
  });

  it("lost: a planned move lost a write, slow or not", () => {
    assert.equal(
      concluded([step("there", { lost: 1, gap_ms: 900 }), step("back")]),
      "lost: a planned move lost 1 acknowledged write",
    );
    assert.equal(
      concluded([step("kill", { lost: 5 }), step("recover", { lost: 1 }), step("back", { lost: 2 })]),
      "lost: a planned move lost 3 acknowledged writes",
    );
  });

  it("with the last writes lost in a crash, which is no failure", () => {
    const died = `server11 is master again, server12 its replica; 2 acknowledged writes died with the killed Redis`;
    assert.equal(concluded([step("kill", { lost: 2 }), step("back")]), `good: ${died}`);
    assert.equal(concluded([step("kill"), step("back")]), `good: ${back}, and nothing is lost`);
    assert.equal(
      concluded([step("kill", { lost: 1, gap_ms: 70 }), step("back")]),
      `slow: ${back}, but clients waited for longer than predicted; 1 acknowledged write died with the killed Redis`,
    );
  });

  it("failed: whatever was measured", () => {
    assert.equal(
      concluded([step("there", { lost: 3 })], { failure: "stopped by SIGINT" }),
      "failed: stopped by SIGINT",
    );
  });
});
