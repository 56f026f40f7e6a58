import assert from "node:assert/strict";
import { it } from "node:test";
import { checkTimes, takesInterval } from "../../../src/decide/check-times.ts";

it("a check may take the interval; a fraction is rounded up, to two seconds at least; with an agent the interval is twice as long", () => {
  assert.deepEqual(checkTimes(1, "hooks"), { interval: 1, timeout: 1 });
  assert.deepEqual(checkTimes(60, "agent"), { interval: 120, timeout: 120 });
  assert.deepEqual(checkTimes(0.25, "hooks"), { interval: 0.25, timeout: 2 });
  assert.deepEqual(checkTimes(0.5, "agent"), { interval: 1, timeout: 1 });
  assert.deepEqual(checkTimes(1.2, "hooks"), { interval: 1.2, timeout: 2 });
  assert.deepEqual(checkTimes(1.2, "agent"), { interval: 2.4, timeout: 3 });
});

it("every thousandth stays one when it is doubled", () => {
  for (let thousandths = 250; thousandths <= 60_000; thousandths++) {
    const { interval } = checkTimes(thousandths / 1000, "agent");
    assert.match(String(interval), /^\d+(\.\d{1,3})?$/);
  }
});

it("every Keepalived takes whole seconds, and 2.3.2 and newer take fractions", () => {
  for (const version of ["2.0.20", "2.2.7", "2.3.1"]) {
    assert.ok(takesInterval(version, 2), version);
    assert.ok(!takesInterval(version, 0.5) && !takesInterval(version, 1.5), version);
  }
  for (const version of ["2.3.2", "2.3.3", "2.3.10", "2.4.0", "3.0"]) assert.ok(takesInterval(version, 0.5), version);
});
