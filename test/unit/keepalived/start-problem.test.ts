import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { missingFolder } from "../../../src/keepalived/folder-problem.ts";
import { firstError } from "../../../src/keepalived/start-problem.ts";

it("reads the first error that keepalived -t prints", () => {
  // 2.3.3, without the state folder.
  const noFolder = [
    "(/tmp/k.conf: Line 12) realpath() error 2 (No such file or directory) for sessions-drain",
    "(/tmp/k.conf: Line 16) realpath() error 2 (No such file or directory) for sessions-claim",
    "(/tmp/k.conf: Line 32) (sessions) track file sessions-drain not found, ignoring...",
  ];
  assert.equal(firstError(noFolder.join("\n")), noFolder[0]);
  // Both.
  assert.equal(firstError("(Line 7) Unknown keyword 'blubb'\n"), "(Line 7) Unknown keyword 'blubb'");
  // 2.2.7, as another user than root: the first line is no error for root.
  assert.equal(
    firstError("Disabling track script sessions-monitor due to insecure\n(Line 7) Unknown keyword 'blubb'"),
    "(Line 7) Unknown keyword 'blubb'",
  );
  const unreadable = "Unable to read configuration file /tmp/k\n";
  for (const output of ["", unreadable]) assert.equal(firstError(output), undefined);
});

it("prints no password", () =>
  assert.equal(firstError("(Line 7) auth_pass 'secret123' is too long"), "(Line 7) auth_pass ***"));

it("finds the first folder of a track file that is missing", () => {
  const there = mkdtempSync(join(tmpdir(), "keepalived-redis-"));
  try {
    const conf = (...files: string[]) =>
      files.map((file) => `track_file x {\n    file ${file}\n    weight 0\n}\n`).join("");
    assert.equal(missingFolder([conf(`${there}/drain`, `${there}/claim`), "# file /none/a"]), undefined);
    assert.equal(missingFolder([conf(`${there}/drain`), conf(`"${there}/a/drain"`, `${there}/b/drain`)]), `${there}/a`);
    assert.equal(missingFolder([]), undefined);
  } finally {
    rmSync(there, { recursive: true });
  }
});
