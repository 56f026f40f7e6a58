import assert from "node:assert/strict";
import { it } from "node:test";
import { predict } from "../../../../src/decide/doctor/prediction.ts";
import { good } from "./facts.ts";

const { timing } = good();

it("the agent notices a failure by its connection, hooks wait for the next check", () => {
  assert.deepEqual(predict(timing, "agent"), {
    ...{ redis_killed_s: 0.06, redis_hangs_s: 0.34, host_cut_off_s: 0.66 },
    planned_move_s: 0.06,
  });
  assert.deepEqual(predict(timing, "hooks"), {
    ...{ redis_killed_s: 1.36, redis_hangs_s: 1.96, host_cut_off_s: 0.96 },
    planned_move_s: 0.36,
  });
});

it("a shorter interval shortens what a hook waits for; where a check outlasts it, the next one is left out", () => {
  const monitor = { interval: 0.25, timeout: 0.3, fall: 1 };
  const found = (more: Partial<typeof monitor>) => predict({ ...timing, monitor: { ...monitor, ...more } }, "hooks");
  assert.deepEqual([found({}).redis_killed_s, found({}).redis_hangs_s], [0.61, 1.21]);
  // Each check of a Redis that hangs takes 0.6 s: the next one begins after 0.75.
  assert.equal(found({ fall: 2 }).redis_hangs_s, 1.96);
  assert.equal(found({ fall: 2, interval: 0.75 }).redis_hangs_s, 2.46);
  assert.equal(found({ fall: 2, interval: 1 }).redis_hangs_s, 2.96);
});

it("VRRPv2 counts the wait before a take-over in whole seconds", () => {
  const slow = { ...timing, version: 2, advert_interval: 1, lowest_priority: 128 } as const;
  assert.equal(predict(slow, "hooks").host_cut_off_s, 3.85);
});
