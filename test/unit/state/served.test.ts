import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import type { Served } from "../../../src/model/served.ts";
import { lastServed, rememberServed, rememberUnchanged } from "../../../src/state/served.ts";

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-served-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "served.json");

const record: Served = {
  history: { id: "a", offset: 1000, previous: undefined },
  at_ms: 1_700_000_000_000,
  by: "server12",
  seenAt: { runId: "r", unsaved: undefined },
  keys: 3,
  marks: [{ offset: 1000, at_ms: 1_700_000_000_000 }],
};
const kept = JSON.parse(JSON.stringify(record));

it("what was served is read back as it was written, also by a later process", () => {
  rememberServed(file, record);
  assert.deepEqual(lastServed(file), kept);
});

it("how long nothing was written since is the time of the file, and outlives the next record of the same data", () => {
  rememberUnchanged(file, record.at_ms + 60_000);
  const idle = lastServed(file) as Served;
  assert.deepEqual(idle, { ...kept, unchangedUntil_ms: record.at_ms + 60_000 });
  rememberServed(file, { ...idle, stopped: { nodes: ["server12"], runId: "" } });
  assert.equal(lastServed(file)?.unchangedUntil_ms, record.at_ms + 60_000);
  assert.doesNotMatch(readFileSync(file, "utf8"), /unchanged/);
  rememberUnchanged(join(folder, "absent"), 1);
});

it("a file that is damaged or missing is no record", () => {
  assert.equal(lastServed(join(folder, "absent")), undefined);
  for (const text of ["", "{", "{}", '{"history":{"offset":"1"},"marks":[]}', '{"history":{"offset":1},"marks":1}']) {
    writeFileSync(file, text);
    assert.equal(lastServed(file), undefined, text);
  }
});
