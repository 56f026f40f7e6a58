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
  ["hang-keepalived", "keepalived-dead", "server11", "Keepalived of server11 was dead or hung"],
  [
    ...(["hooks-hang-keepalived", "vrrp-not-heard", "server11"] as const),
    "server12 took the role of server11, which it did not hear (VRRP)",
  ],
  ["kill-keepalived-replica", "backup", "server12", "Keepalived of server12 reported BACKUP"],
  ["cut-off", "cut", "server12", "the network between server11 and server12 was cut"],
  ["hooks-cut-off", "fault", "server11", "Keepalived put server11, the master, into FAULT"],
  ["hooks-cut-off-replica", "fault", "server12", "Keepalived put server12 into FAULT"],
  ["hooks-wrong-password", "check", "server11", "server11 went on serving with a fault: password"],
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

it("does not take what the log of the other node would tell for VRRP that was not heard", () => {
  const [one = ""] = logsOf("planned-move");
  const [incident] = timelineReport([one], Number.NEGATIVE_INFINITY).incidents;
  assert.equal(incident?.cause.code, "role-moved");
});

it("a connection that broke, and an agent that stood still", () => {
  const causeOf = (fields: object) => {
    const line = { timestamp: "2026-11-27T02:20:38.808Z", node: "server12", cluster: "sessions", executable: "agent" };
    return timelineReport([JSON.stringify({ ...line, ...fields })], Number.NEGATIVE_INFINITY).incidents[0]?.cause;
  };
  const back = { level: "info", event: "redis-back", message: "server11 answers", peer: "server11" };
  assert.deepEqual(causeOf({ ...back, before: "timeout" }), {
    code: "connection-broke",
    node: "server11",
    text: "the connection of server12 to server11 broke (timeout): a slow or lossy network, or a host that stood still",
  });
  assert.equal(causeOf(back)?.code, "other");
  const resumed = { level: "warn", event: "agent-resumed", message: "the agent works again", silent_s: 3.4 };
  assert.deepEqual(causeOf(resumed), {
    code: "agent-hung",
    node: "server12",
    text: "the agent of server12 stood still for 3.4 s, or could not write its heartbeat",
  });
});

it("one event that both may have seen does not move a clock", () => {
  const { clocks } = timelineReport(logsOf("power-off"), Number.NEGATIVE_INFINITY);
  assert.deepEqual(clocks, [{ node: "server12", than: "server11", ahead_ms: null, precision_ms: null, from: 0 }]);
});
