import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timelineReport } from "../../../../src/report/incidents/report.ts";
import { timelineLines } from "../../../../src/report/timeline/text.ts";
import { fixture, logsOf, samples } from "./samples.ts";

const always = Number.NEGATIVE_INFINITY;

describe("the timeline of logs that were written in the lab", () => {
  for (const sample of samples)
    it(`${sample}, as text`, () => {
      const report = timelineReport(logsOf(sample), always);
      assert.equal(`${timelineLines(report).join("\n")}\n`, fixture(`${sample}/timeline.txt`));
    });

  it("a cut network, as JSON", () => {
    const report = timelineReport(logsOf("cut-off"), always);
    assert.deepEqual(report, JSON.parse(fixture("cut-off/timeline.json")));
  });

  it("is the same whatever the order of the logs, and if a line comes in twice", () => {
    const logs = logsOf("kill-redis");
    const report = timelineReport(logs, always);
    assert.deepEqual(timelineReport([...logs].reverse(), always).incidents, report.incidents);
    assert.deepEqual(timelineReport([...logs, ...logs], always), report);
  });
});
