import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { countTransition, transitionCounts } from "../../../src/state/transition-counts.ts";

const state = mkdtempSync(join(tmpdir(), "keepalived-redis-counts-"));
after(() => rmSync(state, { recursive: true }));

it("counts by kind and result, and remembers when the last one ended", () => {
  assert.deepEqual(transitionCounts({ state }), []);
  const before_s = Date.now() / 1000;
  countTransition({ state }, "MASTER", { result: "done", duration_ms: 20 });
  countTransition({ state }, "FAULT", { result: "done", duration_ms: 2 });
  countTransition({ state }, "MASTER", { result: "refused", duration_ms: 7 });
  countTransition({ state }, "MASTER", { result: "done", duration_ms: 12 });
  const found = transitionCounts({ state }).map(({ last_s, ...rest }) => {
    assert.ok(last_s >= before_s && last_s <= Date.now() / 1000);
    return rest;
  });
  assert.deepEqual(found, [
    { transition: "FAULT", result: "done", count: 1, last_duration_s: 0.002 },
    { transition: "MASTER", result: "refused", count: 1, last_duration_s: 0.007 },
    { transition: "MASTER", result: "done", count: 2, last_duration_s: 0.012 },
  ]);
});

it("begins anew where the file is damaged, and throws where it can't be written", () => {
  writeFileSync(join(state, "transition-counts.json"), '[{"transition"');
  assert.deepEqual(transitionCounts({ state }), []);
  countTransition({ state }, "STOP", { result: "done", duration_ms: 1 });
  assert.equal(transitionCounts({ state }).length, 1);
  assert.throws(() => countTransition({ state: "/etc/hostname" }, "STOP", { result: "done", duration_ms: 1 }));
});
