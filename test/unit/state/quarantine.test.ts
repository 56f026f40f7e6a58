import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { removeOldestDumps } from "../../../src/state/quarantine.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keepalived-redis-quarantine-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function keep(day: number, bytes: number): void {
  const name = `2026-03-${String(day).padStart(2, "0")}T12-00-00-000Z`;
  writeFileSync(join(folder, `${name}.rdb`), Buffer.alloc(bytes));
  writeFileSync(join(folder, `${name}.json`), "{}");
}

const left = () =>
  readdirSync(folder)
    .sort()
    .map((name) => name.replace(/^2026-03-(\d+)T.*\./, "$1."));

describe("how many dumps are kept", () => {
  it("all of them below the limits", () => {
    for (const day of [1, 2, 3]) keep(day, 10);
    assert.deepEqual(removeOldestDumps(folder, { count: 3, bytes: 30 }), []);
    assert.equal(left().length, 6);
  });

  it("beyond the number, the oldest go, each with what was written beside it", () => {
    for (const day of [3, 1, 2, 4]) keep(day, 10);
    assert.deepEqual(removeOldestDumps(folder, { count: 2, bytes: 1000 }), [
      "2026-03-02T12-00-00-000Z.rdb",
      "2026-03-01T12-00-00-000Z.rdb",
    ]);
    assert.deepEqual(left(), ["03.json", "03.rdb", "04.json", "04.rdb"]);
  });

  it("beyond the bytes, the oldest go", () => {
    for (const day of [1, 2, 3]) keep(day, 10);
    removeOldestDumps(folder, { count: 10, bytes: 25 });
    assert.deepEqual(left(), ["02.json", "02.rdb", "03.json", "03.rdb"]);
  });

  it("never the newest, however large", () => {
    keep(1, 10);
    keep(2, 100);
    removeOldestDumps(folder, { count: 10, bytes: 50 });
    assert.deepEqual(left(), ["02.json", "02.rdb"]);
    removeOldestDumps(folder, { count: 0, bytes: 0 });
    assert.deepEqual(left(), ["02.json", "02.rdb"]);
  });

  it("other files stay, and a dump without its description goes like any other", () => {
    keep(1, 10);
    keep(2, 10);
    rmSync(join(folder, "2026-03-01T12-00-00-000Z.json"));
    writeFileSync(join(folder, "README"), "keep me");
    removeOldestDumps(folder, { count: 1, bytes: 1000 });
    assert.deepEqual(left(), ["02.json", "02.rdb", "README"]);
  });
});
