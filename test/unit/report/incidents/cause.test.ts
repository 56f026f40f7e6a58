import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timelineReport } from "../../../../src/report/incidents/report.ts";
import { logsOf } from "../timeline/samples.ts";

/** What was done in the lab, to which node, and the cause that the logs of both tell, or what could be seen of it. */
const told = [
  ["kill-redis", "redis-down", "server11", "the Redis of server11 was down"],
  ["hooks-kill-redis", "redis-down", "server11", "the Redis of server11 was down"],
  ["restart-redis-empty", "redis-down", "server11", "the Redis of server11 was down"],
  ["hang-redis", "redis-hung", "server12", "the Redis of server12 hung"],
  ["hooks-hang-redis", "redis-hung", "server12", "the Redis of server12 hung"],
  ["stop-keepalived", "keepalived-stopped", "server12", "Keepalived of server12 was stopped"],
  ["kill-keepalived", "keepalived-dead", "server12", "Keepalived of server12 was dead or hung"],
  ["cut-off", "cut", "server12", "the network between server11 and server12 was cut"],
  ["hooks-cut-off", "fault", "server11", "Keepalived put server11, the master, into FAULT"],
  ["power-off", "node-silent", "server11", "server11 was not heard by server12"],
  ["block-vrrp", "role-taken", "server11", "another node took the role of server11 without hearing it (VRRP)"],
  ["drain", "drain", "server11", "server11 was asked to give the virtual IP away"],
  ["planned-move", "operator", "server12", "an operator ran switchover on server12"],
] as const;

describe("the cause in the first line of an incident", () => {
  for (const [sample, code, node, text] of told)
    it(`${sample}: ${text}`, () => {
      const { incidents } = timelineReport(logsOf(sample), Number.NEGATIVE_INFINITY);
      const [{ cause } = { cause: undefined }] = incidents;
      assert.equal(incidents.length, 1);
      assert.deepEqual([cause?.code, cause?.node], [code, node]);
      assert.ok(cause?.text.startsWith(text), cause?.text);
    });
});

it("one event that both may have seen does not move a clock", () => {
  const { clocks } = timelineReport(logsOf("power-off"), Number.NEGATIVE_INFINITY);
  assert.deepEqual(clocks, [{ node: "server12", than: "server11", ahead_ms: null, precision_ms: null, from: 0 }]);
});
