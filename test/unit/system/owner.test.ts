import assert from "node:assert/strict";
import { chownSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { appendLogLine } from "../../../src/log/log-file.ts";
import { leaveMark } from "../../../src/state/transition-marks.ts";
import { writeAtomically } from "../../../src/system/atomic-file.ts";

const user = 12345;
let folder = "";
const ownerOf = (path: string) => lstatSync(join(folder, path)).uid;

describe("what root makes in a folder of another user", { skip: process.getuid?.() !== 0 && "it takes root" }, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keepalived-redis-owner-"));
    chownSync(folder, user, user);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is that user's, folders included", () => {
    writeAtomically(join(folder, "claim"), "1\n", { via: join(folder, "new") });
    appendLogLine(join(folder, "sessions.log"), "{}");
    leaveMark(join(folder, "transitions"), "MASTER");
    for (const path of ["claim", "new", "sessions.log", "transitions"]) assert.equal(ownerOf(path), user, path);
  });

  it("is written anew: a symbolic link under a name that root will use leads nowhere", () => {
    const precious = join(folder, "precious");
    writeFileSync(precious, "data");
    symlinkSync(precious, join(folder, `.claim.${process.pid}`));
    writeAtomically(join(folder, "claim"), "1\n");
    assert.equal(readFileSync(join(folder, "claim"), "utf8"), "1\n");
    assert.equal(readFileSync(precious, "utf8"), "data");
  });
});
