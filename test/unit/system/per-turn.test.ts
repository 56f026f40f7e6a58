import assert from "node:assert/strict";
import { it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { oncePerTurn } from "../../../src/system/per-turn.ts";

it("a reading is shared within one turn of the event loop, and read anew in the next", async () => {
  let reads = 0;
  const read = oncePerTurn(() => ++reads);
  assert.deepEqual([read(), read(), read()], [1, 1, 1]);
  await nextTurn();
  assert.deepEqual([read(), read()], [2, 2]);
});
