import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { timelineReport } from "../../src/report/incidents/report.ts";
import { timelineHtml } from "../../src/report/timeline/html.ts";
import { logsOf, samples } from "../unit/report/timeline/samples.ts";

const report = timelineReport(samples.flatMap(logsOf), Number.NEGATIVE_INFINITY);
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

describe("the page of the timeline", () => {
  it("has no script, and needs nothing from the network", () => {
    const page = timelineHtml(report);
    assert.doesNotMatch(page, /<script|<link|<img|@import|url\(|src=|https?:/i);
    assert.match(page, /prefers-color-scheme: dark/);
  });

  it("shows what is in a log as text", () => {
    const evil = { ...report, nodes: ['<b onload="x">'] };
    assert.doesNotMatch(timelineHtml(evil), /<b /);
  });

  it("leads from each dot to its line", () => {
    const page = timelineHtml(report);
    for (const [, target = ""] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(page.includes(`id="${target}"`), target);
  });

  it("is drawn by a browser", { skip: chromium ? false : "NOT TESTED: no Chromium on this machine" }, () => {
    const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-timeline-"));
    try {
      const page = join(folder, "timeline.html");
      const picture = join(folder, "timeline.png");
      writeFileSync(page, timelineHtml(report));
      const options = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${join(folder, "profile")}`];
      execFileSync(chromium ?? "", [...options, `--screenshot=${picture}`, `file://${page}`], {
        stdio: "ignore",
        timeout: 60_000,
      });
      assert.ok(statSync(picture).size > 10_000);
      const { stdout } = spawnSync(chromium ?? "", [...options, "--dump-dom", `file://${page}`], {
        encoding: "utf8",
        timeout: 60_000,
      });
      assert.equal(stdout.match(/<svg /g)?.length, report.incidents.length);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
