import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { startTicks } from "../../../src/state/transition-marks.ts";
import { draining, drainMark, maintenance } from "../../../src/state/maintenance.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-marks-"));
const file = join(folder, "mark");
beforeEach(() => rmSync(file, { force: true }));
after(() => rmSync(folder, { recursive: true }));

const mark = (text: string) => writeFileSync(file, text);

describe("the drain mark", () => {
  it("is none where there is no file, or one that asks for nothing", () => {
    assert.equal(draining(file), false);
    for (const text of ["", "0\n", "0 1 2\n", "yes\n", "\n1\n".replace("1", "")]) {
      mark(text);
      assert.equal(draining(file), false, JSON.stringify(text));
      assert.ok(existsSync(file));
    }
  });

  it("made by hand stands until it is removed by hand", () => {
    mark("1\n");
    assert.equal(draining(file), true);
    assert.ok(existsSync(file));
  });

  it("of a living maker stands, and is what a track file needs first: a number", () => {
    mark(drainMark());
    assert.match(drainMark(), /^1 \d+ \d+\n$/);
    assert.equal(draining(file), true);
    assert.ok(existsSync(file));
  });

  it("of a dead maker is removed: nobody else would give the node its virtual IP back", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    mark(`1 ${child.pid} ${startTicks(child.pid ?? 0)}\n`);
    assert.equal(draining(file), true);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(draining(file), false);
    assert.ok(!existsSync(file));
  });

  it("of a maker whose pid is another process' now is removed", () => {
    mark(`1 ${process.pid} ${(startTicks(process.pid) ?? 0) - 1}\n`);
    assert.equal(draining(file), false);
    assert.ok(!existsSync(file));
  });
});

describe("the maintenance mark", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");

  it("stands from its file's first to its last moment", () => {
    assert.equal(maintenance(file, now), false);
    mark("");
    assert.equal(maintenance(file, now), true);
    rmSync(file);
    assert.equal(maintenance(file, now), false);
  });

  it("with a time stands until then", () => {
    mark("2026-03-01T12:30:00Z\n");
    assert.equal(maintenance(file, now), true);
    assert.equal(maintenance(file, Date.parse("2026-03-01T12:30:00Z")), false);
    assert.equal(maintenance(file, Date.parse("2026-03-02T00:00:00Z")), false);
  });

  it("with a text that is no time stands: an operator meant something by it", () => {
    mark("replacing the memory, ask the night shift\n");
    assert.equal(maintenance(file, now), true);
  });
});
