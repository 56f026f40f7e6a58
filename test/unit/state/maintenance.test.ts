import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { inMaintenance, maintenanceInWords, startMaintenance } from "../../../src/state/maintenance.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-maintenance-"));
const file = join(folder, "mark");
beforeEach(() => rmSync(file, { force: true }));
after(() => rmSync(folder, { recursive: true }));

const mark = (text: string) => writeFileSync(file, text);

describe("the maintenance mark", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");

  it("stands from its file's first to its last moment", () => {
    assert.equal(inMaintenance(file, now), false);
    mark("");
    assert.equal(inMaintenance(file, now), true);
    rmSync(file);
    assert.equal(inMaintenance(file, now), false);
  });

  it("with a time stands until then", () => {
    mark("2026-03-01T12:30:00Z\n");
    assert.equal(inMaintenance(file, now), true);
    assert.equal(inMaintenance(file, Date.parse("2026-03-01T12:30:00Z")), false);
    assert.equal(inMaintenance(file, Date.parse("2026-03-02T00:00:00Z")), false);
  });

  it("with a text that is no time stands: an operator meant something by it", () => {
    mark("replacing the memory, ask the night shift\n");
    assert.equal(inMaintenance(file, now), true);
  });

  it("in words", () => {
    assert.equal(maintenanceInWords(file, now), "off");
    startMaintenance(file, undefined);
    assert.equal(maintenanceInWords(file, now), "on");
    startMaintenance(file, new Date("2026-03-01T12:30:00Z"));
    assert.equal(maintenanceInWords(file, now), "on, until 2026-03-01T12:30:00.000Z");
    assert.equal(maintenanceInWords(file, Date.parse("2026-03-01T12:31:00Z")), "off");
    mark("replacing the memory\n");
    assert.equal(maintenanceInWords(file, now), "on, replacing the memory");
  });
});
