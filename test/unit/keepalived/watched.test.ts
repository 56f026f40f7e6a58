import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { watches } from "../../../src/keepalived/watched.ts";

it("tells whether a process watches a folder; one that is made anew is not watched", () => {
  const root = mkdtempSync(join(tmpdir(), "keepalived-redis-"));
  const folder = join(root, "sessions");
  const here = String(process.pid);
  mkdirSync(folder);
  const watcher = watch(folder);
  try {
    assert.equal(watches(folder, [here]), true);
    assert.equal(watches(root, [here]), false);
    rmSync(folder, { recursive: true });
    assert.equal(watches(folder, [here]), undefined);
    // Another one first: a file system may give the same inode again.
    mkdirSync(join(root, "other"));
    mkdirSync(folder);
    assert.equal(watches(folder, [here]), false);
    assert.equal(watches(folder, []), false);
    assert.equal(watches(folder, ["none"]), undefined);
  } finally {
    watcher.close();
    rmSync(root, { recursive: true });
  }
});
