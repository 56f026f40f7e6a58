import assert from "node:assert/strict";
import { it } from "node:test";
import { predict } from "../../../../src/decide/doctor/prediction.ts";
import type { DoctorFacts, Timing } from "../../../../src/model/doctor.ts";
import { found, good, lines } from "./facts.ts";

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
  const after = (version: 2 | 3, advert_interval: number) =>
    predict({ ...timing, version, advert_interval, lowest_priority: 128 }, "hooks").host_cut_off_s;
  assert.deepEqual([after(2, 1), after(3, 1)], [3.85, 3.85]);
  assert.deepEqual([after(2, 2), after(3, 2)], [6.85, 7.35]);
});

const advert = (advert_interval: number, version: 2 | 3) => (facts: DoctorFacts) => {
  Object.assign(facts.timing, { advert_interval, version, lowest_priority: 256 });
};

it("a failover that takes more than 5 s is worth an advice", () => {
  assert.deepEqual(found("prediction", advert(1.65, 3)), []);
  assert.deepEqual(found("prediction", advert(1.66, 3)), [
    "advice server11: a host that is cut off is replaced after 5.03 s",
  ]);
});

it("with VRRPv2 adverts can't be faster: VRRPv3 is advised", () => {
  assert.deepEqual(lines("prediction", advert(2, 3)), ["vip.advert_interval = 0.2"]);
  assert.deepEqual(lines("prediction", advert(2, 2)), ["no vip.auth_password, so that VRRPv3 is used"]);
});

it("a slow monitor is advised to ask more often, and to wait less; without a profile, as with hooks", () => {
  for (const profile of ["hooks", undefined] as const) {
    const slow = (monitor: Partial<Timing["monitor"]>) =>
      lines("prediction", ({ timing, host: { keepalivedConf } }) => {
        Object.assign(timing.monitor, monitor);
        if ("value" in keepalivedConf) keepalivedConf.value.profile = profile;
      });
    assert.deepEqual(slow({ timeout: 2 }), ["monitor.timeout = 0.3"]);
    assert.deepEqual(slow({ fall: 5 }), ["monitor.interval = 1 and monitor.fall = 1", "monitor.timeout = 0.3"]);
  }
});
