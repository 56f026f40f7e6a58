import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { quickStart } from "../../scripts/quick-start.ts";

/** An executable whose copies are kept in a folder of the test's. */
function executable(folder: string, code: string): () => string {
  const path = join(folder, "tried.cjs");
  writeFileSync(path, quickStart("tried", code).replace("/run/keepalived-redis/.compiled", join(folder, "kept")));
  return () => execFileSync(process.execPath, [path], { encoding: "utf8" });
}

test("a quick start does what the program does, from nothing, from a copy, from a damaged or older one", (t) => {
  if (process.getuid?.() !== 0) return t.diagnostic("copies are root's: nothing to look at as another user");
  const folder = mkdtempSync(join(tmpdir(), "quick-"));
  const kept = join(folder, "kept");
  const copy = () => join(kept, readdirSync(kept)[0] ?? "");
  try {
    const code = 'function say() { return "said" + require("node:path").sep; } console.log(say());';
    const run = executable(folder, code);
    assert.equal(run(), "said/\n");
    const before = readFileSync(copy());
    assert.equal(run(), "said/\n");
    assert.deepEqual(readFileSync(copy()), before, "the copy was good, and not written anew");

    const damaged = Buffer.from(before);
    damaged.fill(0xaa, 200, 400);
    for (const bad of [damaged, Buffer.alloc(0), before.subarray(0, 100), Buffer.from("nonsense")]) {
      writeFileSync(copy(), bad);
      assert.equal(run(), "said/\n");
      assert.deepEqual(readFileSync(copy()).length, before.length, "replaced by a good one");
    }
    const next = executable(folder, code.replace("said", "told"));
    assert.equal(next(), "told/\n", "as long as the one before, and yet another program");
    assert.equal(readdirSync(kept).length, 1, "the copy of the older build is gone");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
