import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { nextName, removeSuperfluous } from "../../../src/state/quarantine.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keepalived-redis-quarantine-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function keep(day: number, bytes: number): void {
  const name = `2026-03-${String(day).padStart(2, "0")}T12-00-00-000Z`;
  writeFileSync(join(folder, `${name}.rdb`), Buffer.alloc(bytes));
  utimesSync(join(folder, `${name}.rdb`), 0, 0);
  writeFileSync(join(folder, `${name}.json`), "{}");
}

const newest = () =>
  readdirSync(folder)
    .sort()
    .filter((name) => name.endsWith(".rdb"))
    .at(-1) ?? "";

const left = () =>
  readdirSync(folder)
    .sort()
    .map((name) => name.replace(/^2026-03-(\d+)T.*\./, "$1."));

describe("how many dumps are kept", () => {
  it("all of them below the limits", async () => {
    for (const day of [1, 2, 3]) keep(day, 10);
    assert.deepEqual(await removeSuperfluous(folder, newest(), { count: 3, bytes: 30 }), []);
    assert.equal(left().length, 6);
  });

  it("beyond the number, the oldest go, each with what was written beside it", async () => {
    for (const day of [3, 1, 2, 4]) keep(day, 10);
    assert.deepEqual(await removeSuperfluous(folder, newest(), { count: 2, bytes: 1000 }), [
      "2026-03-01T12-00-00-000Z.rdb",
      "2026-03-02T12-00-00-000Z.rdb",
    ]);
    assert.deepEqual(left(), ["03.json", "03.rdb", "04.json", "04.rdb"]);
  });

  it("beyond the bytes, the oldest go", async () => {
    for (const day of [1, 2, 3]) keep(day, 10);
    await removeSuperfluous(folder, newest(), { count: 10, bytes: 25 });
    assert.deepEqual(left(), ["02.json", "02.rdb", "03.json", "03.rdb"]);
  });

  it("never the newest, however large", async () => {
    keep(1, 10);
    keep(2, 100);
    await removeSuperfluous(folder, newest(), { count: 10, bytes: 50 });
    assert.deepEqual(left(), ["02.json", "02.rdb"]);
    await removeSuperfluous(folder, newest(), { count: 0, bytes: 0 });
    assert.deepEqual(left(), ["02.json", "02.rdb"]);
  });

  it("other files stay, and a dump without its description goes like any other", async () => {
    keep(1, 10);
    keep(2, 10);
    rmSync(join(folder, "2026-03-01T12-00-00-000Z.json"));
    writeFileSync(join(folder, "README"), "keep me");
    await removeSuperfluous(folder, newest(), { count: 1, bytes: 1000 });
    assert.deepEqual(left(), ["02.json", "02.rdb", "README"]);
  });

  it("of the last week the first and the last stay: false alarms don't push out the dump of a split before them", async () => {
    for (let alarm = 0; alarm < 30; alarm++) {
      const name = `${nextName(folder, new Date())}.aof`;
      writeFileSync(join(folder, name), "writes");
      await removeSuperfluous(folder, name);
    }
    const numbers = left().map((name) => Number(name.slice(0, 6)));
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 26, 27, 28, 29, 30]);
  });

  it("after a clock that was ahead, the dump that was just made is the newest, and stays", async () => {
    for (let day = 0; day < 10; day++) {
      const name = nextName(folder, new Date(Date.UTC(2030, 0, 1 + day)));
      writeFileSync(join(folder, `${name}.rdb`), "dump");
      utimesSync(join(folder, `${name}.rdb`), 0, 0);
    }
    const fresh = `${nextName(folder, new Date(Date.UTC(2026, 0, 1)))}.aof`;
    writeFileSync(join(folder, fresh), "dump");
    assert.equal(fresh, "000011-2026-01-01T00-00-00-000Z.aof");
    assert.deepEqual(await removeSuperfluous(folder, fresh), ["000001-2030-01-01T00-00-00-000Z.rdb"]);
  });

  it("dumps whose names have only the time are older than numbered ones", async () => {
    writeFileSync(join(folder, "2030-03-01T12-00-00-000Z.rdb"), "dump");
    const name = `${nextName(folder, new Date(0))}.rdb`;
    writeFileSync(join(folder, name), "dump");
    assert.deepEqual(await removeSuperfluous(folder, name, { count: 1, bytes: 1000 }), [
      "2030-03-01T12-00-00-000Z.rdb",
    ]);
  });
});
