import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Facts, fresherPeers } from "../../../src/decide/facts.ts";
import { seenPeers } from "../../../src/decide/situation.ts";
import type { Observed } from "../../../src/model/observation.ts";
import { at, blank, down, replica, situation } from "./situations.ts";

const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const diverged = { id: "a", until: 100 };

function known(ours: Observed, theirs: Record<string, Observed>): Facts {
  const facts = situation(ours, theirs);
  return { ...facts, node: { ...facts.node, seen: ours }, ours };
}

const fresher = (ours: Observed, theirs: Record<string, Observed>): string[] => {
  const facts = known(ours, theirs);
  return fresherPeers(facts, seenPeers(facts)).map(({ name }) => name);
};

describe("replicas that have more than we", () => {
  function more(name: string, ours: Observed, theirs: Observed, expected: boolean): void {
    it(`${name}: ${expected ? "it has" : "it has not"}`, () =>
      assert.deepEqual(fresher(ours, { server12: theirs }), expected ? ["server12"] : []));
  }

  more("the same history, further on", replica("server13", at(90), down), replica("server13", at(100), down), true);
  more("the same place", replica("server13", at(100), down), replica("server13", at(100), down), false);
  more("the same history, less far", replica("server13", at(100), down), replica("server13", at(90), down), false);
  more(
    "both wrote on, it more",
    replica("server13", at(110), down),
    replica("server13", at(150, "b", diverged), down),
    true,
  );
  more(
    "both wrote on, it less",
    replica("server13", at(190), down),
    replica("server13", at(150, "b", diverged), down),
    false,
  );
  more(
    "both wrote on as much",
    replica("server13", at(150), down),
    replica("server13", at(150, "b", diverged), down),
    false,
  );
  // What was deleted since is newer, too.
  more(
    "the same history, further on, and no keys left",
    replica("server13", at(90), down),
    replica("server13", at(100), { ...down, keys: 0 }),
    true,
  );
  more("its copy is not finished", replica("server13", at(90), down), replica("server13", at(100), unsynced), false);

  // Ours is not known to be complete: any complete one is better that has something.
  more(
    "ours is not finished, it is complete",
    replica("server13", at(90), unsynced),
    replica("server13", at(50), down),
    true,
  );
  more(
    "ours is not finished, it is complete and empty",
    replica("server13", at(90), unsynced),
    replica("server13", at(0), down),
    false,
  );
  more("nothing here, it is complete and empty", blank("server13"), replica("server13", at(0), down), true);
  more("nothing here, nothing there", blank("server13"), blank("server11"), false);

  // No id in common: both start again from dumps. The offset goes on over every promotion and copy.
  more(
    "unrelated, its offset is higher",
    replica("server13", at(80), down),
    replica("server13", at(100, "b"), down),
    true,
  );
  more(
    "unrelated, its offset is lower",
    replica("server13", at(100), down),
    replica("server13", at(80, "b"), down),
    false,
  );
  more(
    "unrelated, at the same offset",
    replica("server13", at(100), down),
    replica("server13", at(100, "b"), down),
    false,
  );
  more(
    "unrelated, its offset is higher, but it has no keys",
    replica("server13", at(80), down),
    replica("server13", at(100, "b"), { ...down, keys: 0 }),
    false,
  );

  const broken = { link: "down", downFor_s: 9 } as const;
  const restarted = replica("192.0.2.99", at(100), { uptime_s: 5, link: { link: "down" } });
  const heldOn = { uptime_s: 1000, link: broken };
  more(
    "unrelated; it copied from us until we were restarted, so it has what was served",
    restarted,
    replica("server11", at(50, "b"), heldOn),
    true,
  );
  more(
    "the same, but it was restarted after us",
    restarted,
    replica("server11", at(50, "b"), { ...heldOn, uptime_s: 4 }),
    false,
  );
  more(
    "the same, but both were started at once",
    restarted,
    replica("server11", at(50, "b"), { ...heldOn, uptime_s: 5 }),
    false,
  );
  more(
    "the same, but its link to us never was up",
    restarted,
    replica("server11", at(50, "b"), { ...heldOn, link: { link: "down" } }),
    false,
  );
  more("the same, but it copied from another one", restarted, replica("server13", at(50, "b"), heldOn), false);
  more("the same, but it has no keys", restarted, replica("server11", at(50, "b"), { ...heldOn, keys: 0 }), false);
  more(
    "unrelated; we copied from it until it was restarted, however high its offset is now",
    replica("server12", at(50), heldOn),
    replica("server11", at(100, "b"), { uptime_s: 5, link: { link: "down" } }),
    false,
  );

  // It was promoted out of our history after we had resigned, and was parked since: seed 921 of chaos, 6230 writes.
  const promotedSince = replica("192.0.2.99", at(101, "b", { id: "a", until: 100 }), down);
  const resigned = (ours: Observed, theirs: Observed, who: "node" | "peer") => {
    const facts = known(ours, { server12: theirs });
    const [peer] = seenPeers(facts);
    if (peer === undefined) throw new Error("no peer");
    const { node } = facts;
    return who === "node"
      ? fresherPeers({ ...facts, node: { ...node, resigned: true } }, [peer]).length
      : fresherPeers(facts, [{ ...peer, resigned: true }]).length;
  };
  it("a peer that was promoted after this node had resigned has newer data, whatever the bytes", () => {
    const ours = replica("server13", at(190), down);
    assert.deepEqual(fresher(ours, { server12: promotedSince }), []);
    assert.equal(resigned(ours, promotedSince, "node"), 1);
    const uncounted = { ...promotedSince, history: { ...promotedSince.history, uncounted: true } } as const;
    assert.equal(resigned(ours, uncounted, "node"), 1);
  });
  it("a peer that had resigned before this node was promoted has older data, whatever the bytes", () => {
    const theirs = replica("server13", at(190), down);
    assert.deepEqual(fresher(promotedSince, { server12: theirs }), ["server12"]);
    assert.equal(resigned(promotedSince, theirs, "peer"), 0);
  });

  it("one key is data, too", () => {
    const one = { ...down, keys: 1 };
    assert.deepEqual(fresher(replica("server13", at(90), unsynced), { server12: replica("server13", at(50), one) }), [
      "server12",
    ]);
    assert.deepEqual(fresher(replica("server13", at(80), down), { server12: replica("server13", at(100, "b"), one) }), [
      "server12",
    ]);
    assert.deepEqual(fresher(restarted, { server12: replica("server11", at(50, "b"), { ...heldOn, keys: 1 }) }), [
      "server12",
    ]);
  });

  it("the one that has most comes first", () => {
    const others = { server12: replica("server14", at(95), down), server13: replica("server14", at(100), down) };
    assert.deepEqual(fresher(replica("server14", at(90), down), others), ["server13", "server12"]);
    const reversed = { server12: others.server13, server13: others.server12 };
    assert.deepEqual(fresher(replica("server14", at(90), down), reversed), ["server12", "server13"]);
  });
});
