import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type MoveFacts, moveProgress } from "../../../src/decide/move-progress.ts";

const begun: MoveFacts = { moved: false, outage_s: 0, elapsed_s: 0, deadline_s: 20, handover_s: 2 };
const after = (more: Partial<MoveFacts>) => moveProgress({ ...begun, ...more });

describe("a planned move under way", () => {
  it("is waited for while clients have a master, and for as long as a hand-over may take", () => {
    for (const facts of [{}, { elapsed_s: 19.9 }, { outage_s: 2.9 }, { outage_s: 10, handover_s: 10 }])
      assert.deepEqual(after(facts), { is: "wait" });
  });

  it("is done once the target is master, however long it took", () => {
    assert.deepEqual(after({ moved: true, outage_s: 10, elapsed_s: 30 }), { is: "moved" });
  });

  it("is given up after its deadline, and sooner where clients have no master", () => {
    assert.deepEqual(after({ elapsed_s: 20 }), { is: "given-up", because: "not within 20 s" });
    assert.deepEqual(after({ outage_s: 3.1 }), { is: "given-up", because: "clients had no master for 3 s" });
  });
});
