import assert from "node:assert/strict";
import { it } from "node:test";
import { countAt } from "../../../src/redis/observe-writes.ts";
import { at, master } from "../decide/situations.ts";

it("the writes of a master without a backlog are its changes since its start, and nobody's guess once a snapshot has set these back", async () => {
  const context = { cluster: { nodes: [], monitor: { timeout: 1 } }, password: undefined } as never;
  const uncounted = { ...at(500), uncounted: true as const };
  const unsaved = { count: 7, savedAt_s: 1 };
  const counted = await countAt(context, "server12", master(uncounted, { unsaved, neverSaved: true }), 0);
  assert.deepEqual(counted, { writes: 7, deletions: 0 });
  await assert.rejects(countAt(context, "server12", master(uncounted, { unsaved }), 0), /not in the backlog/);
});
