import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { timelineReport } from "../../src/report/incidents/report.ts";
import { escaped } from "../../src/report/timeline/escape.ts";
import { timelineHtml } from "../../src/report/timeline/html.ts";
import { zooms } from "../../src/report/timeline/svg.ts";
import { logsOf, samples } from "../unit/report/timeline/samples.ts";
import { type Picture, readPng } from "./png.ts";

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

  it("has a zoom for each picture", () => {
    const page = timelineHtml(report);
    for (const [index] of report.incidents.entries())
      for (const zoom of zooms)
        assert.match(
          page,
          new RegExp(`<input [^>]*name="i${index}-zoom" id="(i${index}-zoom${zoom})".*<label for="\\1">${zoom}00 %`),
        );
  });
});

describe("the page of the timeline in a browser", {
  skip: chromium ? false : "NOT TESTED: no Chromium on this machine",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-timeline-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Opens a page, and returns its final HTML. */
  const opened = (page: string, [width, height]: readonly [number, number], ...options: string[]) => {
    const file = join(folder, "timeline.html");
    writeFileSync(file, page);
    const usual = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"];
    const own = [`--user-data-dir=${join(folder, "profile")}`, `--window-size=${width},${height}`, ...options];
    return execFileSync(chromium ?? "", [...usual, ...own, `file://${file}`], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 60_000,
    });
  };

  for (const size of [
    [1280, 900],
    [390, 844],
  ] as const) {
    // The numbers are Chromium's own.
    for (const [theme, scheme, back, good] of [
      ["light", 1, "#ffffff", "#bfe5c8"],
      ["dark", 0, "#14171a", "#1f5a31"],
    ] as const)
      it(`is drawn in its colours, ${theme}, ${size.join(" x ")}`, () => {
        const file = join(folder, "timeline.png");
        opened(timelineHtml(report), size, `--screenshot=${file}`, `--blink-settings=preferredColorScheme=${scheme}`);
        const picture = readPng(readFileSync(file));
        assert.deepEqual([picture.width, picture.height], size);
        const seen = coloursOf(picture);
        const all = picture.width * picture.height;
        const share = (colour: string) => (seen.get(colour) ?? 0) / all;
        // Letters, bars and dots: not an empty page, nor one of another colour.
        assert.ok(share(back) > 0.6 && share(back) < 0.97, `${back}: ${share(back)}`);
        assert.equal(picture.at(1, 1), back);
        assert.ok(share(good) > 0.005, `no bar: ${share(good)}`);
        const others = theme === "light" ? ["#14171a", "#1f5a31"] : ["#ffffff", "#bfe5c8"];
        for (const other of others) assert.ok(share(other) < 0.001, `${other}: ${share(other)}`);
      });

    it(`moves only its pictures sideways, at each zoom, ${size.join(" x ")}`, () => {
      // In a frame: a window of Chromium has at least 500 pixels.
      const style = `width: ${size[0]}px; height: ${size[1]}px; border: 0`;
      const frame = `<iframe style="${style}" srcdoc="${escaped(timelineHtml(report))}"></iframe>`;
      const measured = `<title></title>${frame}<script>document.querySelector("iframe").onload = ${measure}</script>`;
      const found = /<title>(.*?)<\/title>/.exec(opened(measured, size, "--dump-dom"))?.[1] ?? "";
      const { window, widths, seen } = JSON.parse(found) as Measured;
      assert.equal(window, size[0]);
      assert.equal(widths.length, zooms.length);
      const [first] = widths;
      for (const [index, { page, box, picture }] of widths.entries()) {
        assert.equal(page, size[0], "the page itself");
        assert.ok(box < size[0] && box > 200, `${box}`);
        assert.equal(Math.round(picture / (first?.picture ?? 0)), zooms[index]);
      }
      // More bars have room for their words.
      assert.deepEqual(
        seen,
        [...seen].sort((a, b) => a - b),
      );
      assert.ok((seen.at(-1) ?? 0) > (seen[0] ?? 0), seen.join());
    });
  }
});

interface Measured {
  window: number;
  widths: { page: number; box: number; picture: number }[];
  /** How many words are shown in the first picture. */
  seen: number[];
}

/** Runs in the page around it: chooses each zoom of the first picture, and tells the widths as its own title. */
const measure = `({ target: { contentWindow: window, contentDocument: document } }) => {
  const found = { window: window.innerWidth, widths: [], seen: [] };
  for (const choice of document.querySelectorAll("[name=i0-zoom]")) {
    document.querySelector("label[for=" + choice.id + "]").click();
    found.widths.push({
      page: document.documentElement.scrollWidth,
      box: document.querySelector(".picture").clientWidth,
      picture: document.querySelector(".incident").getBoundingClientRect().width,
    });
    found.seen.push([...document.querySelector(".incident").querySelectorAll("svg text")].filter((one) => one.getBBox().width > 0).length);
  }
  parent.document.title = JSON.stringify(found);
}`;

function coloursOf({ width, height, at }: Picture): Map<string, number> {
  const counts = new Map<string, number>();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = at(x, y);
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
  return counts;
}
