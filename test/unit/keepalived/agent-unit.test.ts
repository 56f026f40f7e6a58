import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

const unit = readFileSync(new URL("golden/agent.service", import.meta.url), "utf8");
const missing =
  spawnSync("systemd-analyze", ["--version"]).status === 0 ? false : "systemd-analyze is missing (Debian: systemd)";

describe("the sandbox of the agent", () => {
  // Tenths: docs/agent.md says 2.0.
  it("has an exposure of 3.0 at most, as systemd-analyze security counts", { skip: missing }, () => {
    const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-unit-"));
    try {
      const file = join(folder, "keepalived-redis-agent.service");
      writeFileSync(file, unit);
      const args = ["security", "--offline=true", "--threshold=30", "--no-pager", file];
      const { status, stdout, stderr } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
      assert.equal(status, 0, `${stdout}${stderr}`);
      // What systemd does not understand it ignores.
      assert.doesNotMatch(stderr, /ignoring|Unknown/);
      assert.match(stdout, /Overall exposure level .*: 2\.0 /);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("leaves V8 its memory, runs as its user, and has no capability but the one", () => {
    assert.doesNotMatch(unit, /MemoryDenyWriteExecute/);
    assert.match(unit, /^User=keepalived-redis$/m);
    assert.deepEqual(unit.match(/CAP_\w+/g), ["CAP_NET_ADMIN", "CAP_NET_ADMIN"]);
  });
});
