import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, it } from "node:test";
import { copyRdb } from "../../src/redis/rdb-copy.ts";

describe("a dump by a redis-cli that hangs", () => {
  it("fails once its file has not grown for a while, and leaves no file behind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-rdb-copy-"));
    const path = process.env.PATH;
    try {
      for (const name of ["redis-cli", "valkey-cli"])
        writeFileSync(join(folder, name), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
      process.env.PATH = `${folder}${delimiter}${path}`;
      const endpoint = { host: "127.0.0.1", port: 1, password: undefined };
      const started_ms = performance.now();
      await assert.rejects(
        copyRdb(endpoint, join(folder, "kept.rdb"), () => undefined, 300),
        /the dump has made no progress for 0.3 s/,
      );
      assert.ok(performance.now() - started_ms < 20_000);
      assert.deepEqual(readdirSync(folder).sort(), ["redis-cli", "valkey-cli"]);
    } finally {
      process.env.PATH = path;
      rmSync(folder, { recursive: true });
    }
  });
});
