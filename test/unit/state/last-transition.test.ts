import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { lastTransition } from "../../../src/state/last-transition.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-log-"));
after(() => rmSync(folder, { recursive: true }));

const now_ms = Date.parse("2026-11-27T01:00:10.000Z");
const line = (event: string, more: object = {}) =>
  `${JSON.stringify({ timestamp: "2026-11-27T01:00:00.000Z", event, message: event, transition: "MASTER", id: "1-2", ...more })}\n`;

let files = 0;
function ofLog(text: string, rotated?: string) {
  const file = join(folder, `${files++}.log`);
  writeFileSync(file, text);
  if (rotated !== undefined) writeFileSync(`${file}.1`, rotated);
  return lastTransition(file, now_ms);
}

const decided = line("decided", { message: "the row that decided" });
const done = line("transition-done", { duration_ms: 12 });
const expected = {
  ...{ transition: "MASTER", when: "2026-11-27T01:00:00.000Z", ago_s: 10, result: "done", duration_ms: 12 },
  why: "the row that decided",
};

it("is the last one in the log that has ended, with the row that decided", () => {
  const earlier = line("transition-failed", { id: "0-1", why: "earlier" });
  assert.deepEqual(ofLog(`${earlier}${decided}${done}${line("step-done", { id: "3-4" })}`), expected);
});

it("does not take the row of another transition", () => {
  const other = line("decided", { id: "9-9", message: "another row" });
  assert.deepEqual(ofLog(`${decided}${other}${done}`), expected);
});

it("says why one was refused", () => {
  const refused = line("transition-refused", { duration_ms: 3, why: "too old" });
  assert.deepEqual(ofLog(`${decided}${refused}`), { ...expected, result: "refused", duration_ms: 3, why: "too old" });
});

it("is found in the log before the last rotation", () => {
  assert.deepEqual(ofLog(line("verdict"), `${decided}${done}`), expected);
});

it("lines that are cut off or are no JSON are passed over", () => {
  assert.deepEqual(ofLog(`ion":"MASTER"}\n{"transition": no\n${decided}${done}{"transition":"MAS`), expected);
});

it("is found at the end of a large log", () => {
  assert.deepEqual(ofLog(`${line("verdict").repeat(5000)}${decided}${done}`), expected);
});

it("is null where the log has none, or is missing", () => {
  assert.equal(ofLog(line("verdict")), null);
  assert.equal(lastTransition(join(folder, "missing.log"), now_ms), null);
});
