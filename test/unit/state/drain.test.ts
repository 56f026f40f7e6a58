import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { draining, startDrain } from "../../../src/state/drain.ts";
import { startTicks } from "../../../src/system/process-start.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-drain-"));
const file = join(folder, "mark");
beforeEach(() => rmSync(file, { force: true }));
after(() => rmSync(folder, { recursive: true }));

const mark = (text: string) => writeFileSync(file, text);

describe("the drain track file", () => {
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
    startDrain(file);
    assert.match(readFileSync(file, "utf8"), /^1 \d+ \d+\n$/);
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
