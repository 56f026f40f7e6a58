import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timelineReport } from "../../../../src/report/incidents/report.ts";
import { timelineLines } from "../../../../src/report/timeline/text.ts";
import { logsOf } from "../timeline/samples.ts";

const always = Number.NEGATIVE_INFINITY;
const [log11 = "", log12 = ""] = logsOf("kill-redis");
const causesOf = (...logs: string[]) => timelineReport(logs, always).incidents.map(({ cause }) => cause.code);

/** A log that another clock wrote. */
const shifted = (log: string, ms: number): string =>
  log.replaceAll(
    /"timestamp":"([^"]+)"/g,
    (_, time: string) => `"timestamp":"${new Date(Date.parse(time) + ms).toISOString()}"`,
  );

describe("what timeline makes of a log", () => {
  it("nothing of no lines", () => {
    for (const logs of [[], [""], ["\n\n"]]) {
      const report = timelineReport(logs, always);
      assert.deepEqual(report.incidents, []);
      assert.match(timelineLines(report).join("\n"), /^0 incidents in 0 lines/);
    }
  });

  it("counts what is no line of a log, and goes on", () => {
    const garbage = [
      "garbage",
      "{",
      "[]",
      "null",
      '{"timestamp":1}',
      '{"timestamp":"2026-11-27T02:20:38.808Z","level":',
      "\0\x01",
    ];
    const half = log11.slice(log11.indexOf("\n") + 1 - 40);
    assert.equal(timelineReport(garbage, always).unreadable_lines, garbage.length);
    const report = timelineReport([garbage.join("\n"), half, log12], always);
    assert.equal(report.unreadable_lines, garbage.length + 1);
    assert.equal(report.incidents.length, 1);
  });

  it("reads lines that journalctl has put time and host before", () => {
    const prefixed = log11.replaceAll(/^(?=\{)/gm, "Nov 27 02:20:38 server11 keepalived-redis[7]: ");
    assert.deepEqual(timelineReport([prefixed], always), timelineReport([log11], always));
  });

  it("tells of one node what its log says, and says that the other's would tell more", () => {
    assert.deepEqual(causesOf(log11), ["redis-down"]);
    const survivor = timelineReport([log12], always);
    assert.equal(survivor.incidents[0]?.cause.code, "node-silent");
    assert.equal(survivor.incidents[0]?.cause.node, "server11");
    assert.match(survivor.incidents[0]?.outcome ?? "", /^server12 became master/);
    assert.match(timelineLines(survivor).join("\n"), /the log of another node would tell more/);
  });

  it("finds how far one clock is ahead, and puts the lines in their order", () => {
    const logs = [log11, shifted(log12, 90_000)];
    const [clock] = timelineReport([logs[0] ?? "", logs[1] ?? ""], always).clocks;
    assert.ok(Math.abs((clock?.ahead_ms ?? 0) - 90_000) < 500, String(clock?.ahead_ms));
    assert.deepEqual(causesOf(...logs), ["redis-down"]);
  });

  it("shows no control character of a log, and takes no word of it for code", () => {
    const line = (fields: object) =>
      JSON.stringify({
        ...{ timestamp: "2026-11-27T02:20:38.808Z", level: "warn", event: "verdict", message: "m", node: "server11" },
        ...{ cluster: "sessions", executable: "agent", ...fields },
      });
    const log = [
      line({ message: "\u001b[31mred (before: constructor)", cause: "toString", healthy: false }),
      line({ event: "constructor", peer: "__proto__" }),
      line({ event: "step-done", step: "valueOf", at: "hasOwnProperty" }),
      line({ event: "decided", steps: "none", transition: 7 }),
      line({ level: "constructor" }),
    ];
    const lines = timelineLines(timelineReport([log.join("\n")], always));
    assert.match(lines[0] ?? "", /^1 incident in 4 lines of server11, 1 unreadable/);
    for (const one of lines) assert.doesNotMatch(one, /\p{Cc}/u);
  });

  it("tells an incident without an end in parts", () => {
    const flapping = Array.from({ length: 5000 }, (_, second) => shifted(log12.split("\n")[2] ?? "", second * 1000));
    const { incidents } = timelineReport([flapping.join("\n")], always);
    assert.deepEqual(
      incidents.map(({ events }) => events.map(({ count }) => count)),
      [[2000], [2000], [1000]],
    );
  });

  it("leaves out what ended before --since", () => {
    assert.deepEqual(timelineReport([log11, log12], Date.parse("2026-11-27T02:20:40Z")).incidents.length, 1);
    assert.deepEqual(timelineReport([log11, log12], Date.parse("2026-11-27T02:21:00Z")).incidents, []);
  });

  it("makes two incidents of what is half a minute apart, and folds repeated lines", () => {
    assert.deepEqual(causesOf(log11, log12, shifted(log11, 60_000), shifted(log12, 60_000)), [
      "redis-down",
      "redis-down",
    ]);
    const reminder = (minute: number) =>
      `{"timestamp":"2026-11-27T03:${minute}0:00.000Z","level":"error","event":"verdict","message":"fit to hold the virtual IP: password (before: password)","node":"server11","cluster":"sessions","executable":"agent","healthy":true,"cause":"password"}`;
    const { incidents } = timelineReport([[1, 2, 3].map(reminder).join("\n")], always);
    assert.deepEqual(
      incidents.map(({ events }) => events.map(({ count, over_ms }) => [count, over_ms])),
      [[[3, 1_200_000]]],
    );
  });
});
