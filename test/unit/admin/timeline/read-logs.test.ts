import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { isLogOf, readLogs } from "../../../../src/admin/timeline/read-logs.ts";
import { sinceMoment } from "../../../../src/admin/timeline/since.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-logs-"));
after(() => rmSync(folder, { recursive: true }));

describe("the logs that timeline reads", () => {
  it("are those of a folder, with the rotated and the compressed ones", () => {
    writeFileSync(join(folder, "sessions.log"), "now");
    writeFileSync(join(folder, "sessions.log.1"), "before");
    writeFileSync(join(folder, "sessions.log.2.gz"), gzipSync("long ago"));
    writeFileSync(join(folder, "notes.txt"), "none");
    assert.deepEqual(readLogs([folder]).sort(), ["before", "long ago", "now"]);
    assert.deepEqual(readLogs([join(folder, "sessions.log")]), ["now"]);
  });

  it("can be missing or broken: the error says what", () => {
    assert.throws(() => readLogs([join(folder, "nowhere")]), /can't read .*nowhere: ENOENT/);
    writeFileSync(join(folder, "broken.log.gz"), "not compressed");
    assert.throws(() => readLogs([join(folder, "broken.log.gz")]), /can't read .*broken/);
  });

  it("are of one cluster, whatever the names of others", () => {
    const names = ["a.log", "a.log.1", "a.log-20261127.gz", "a.log.bak", "ab.log", "b.log"];
    assert.deepEqual(
      names.filter((name) => isLogOf("a.log", name)),
      ["a.log", "a.log.1", "a.log-20261127.gz"],
    );
  });

  it("begin at --since", () => {
    const now_ms = Date.parse("2026-11-27T12:00:00Z");
    assert.equal(sinceMoment("30m", now_ms), now_ms - 1_800_000);
    assert.equal(sinceMoment("3d", now_ms), now_ms - 259_200_000);
    assert.equal(sinceMoment("2026-11-27T11:00:00Z", now_ms), now_ms - 3_600_000);
    for (const text of ["yesterday", "30", "-1h", "", "99999999999h"])
      assert.throws(() => sinceMoment(text, now_ms), /is no time/, text);
  });
});
