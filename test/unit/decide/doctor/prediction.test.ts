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

it("VRRPv2 counts the wait before a take-over in whole seconds", () => {
  const slow = { ...timing, version: 2, advert_interval: 1, lowest_priority: 128 } as const;
  assert.equal(predict(slow, "hooks").host_cut_off_s, 3.85);
});
