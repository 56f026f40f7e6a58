import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import type { Paths } from "../../../src/cluster/paths.ts";
import { rememberServed } from "../../../src/state/served.ts";
import { withRecords } from "../../../src/state/with-records.ts";
import { at, master, servedUpTo1000, situation } from "../decide/situations.ts";

it("a node resigned from the history that it served itself, and from that which the present server of its data was promoted from", () => {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-records-"));
  const path = (name: string) => join(folder, name);
  const paths = {
    ...{ served: path("served"), promotion: path("promotion"), verdict: path("verdict"), resigned: path("resigned") },
  } as Paths;
  try {
    const facts = situation(master(at(7)), {});
    const history = at(1000, "b", { id: "a", until: 900 });
    const idsIfServedBy = (by: string) => {
      rememberServed(paths.served, servedUpTo1000({ history, by }));
      return withRecords(facts, paths).node.servedIds?.toSorted();
    };
    assert.deepEqual(withRecords(facts, paths).node.servedIds, []);
    assert.deepEqual(idsIfServedBy("server11"), ["a", "b"]);
    assert.deepEqual(idsIfServedBy("server12"), ["a"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
