import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Facts, follow, fresherPeers, repoint, target, weakerMaster } from "../../../src/decide/facts.ts";
import { seenPeers } from "../../../src/decide/situation.ts";
import type { Observed } from "../../../src/model/observation.ts";
import type { SeenPeer } from "../../../src/model/situation.ts";
import { inWords } from "./plan-in-words.ts";
import { at, blank, hosts, master, replica, situation } from "./situations.ts";

const down = { link: { link: "down" } } as const;
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const parted = { id: "a", until: 100 };

function known(ours: Observed, theirs: Record<string, Observed>): Facts {
  const facts = situation(ours, theirs);
  return { ...facts, node: { ...facts.node, seen: ours }, ours };
}

/** The one peer of these facts. */
const only = (facts: Facts): SeenPeer => seenPeers(facts)[0] as SeenPeer;

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
    replica("server13", at(150, "b", parted), down),
    true,
  );
  more(
    "both wrote on, it less",
    replica("server13", at(190), down),
    replica("server13", at(150, "b", parted), down),
    false,
  );
  more(
    "both wrote on as much",
    replica("server13", at(150), down),
    replica("server13", at(150, "b", parted), down),
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

describe("a master that has nothing which we lack, while we have more", () => {
  const weaker = (ours: Observed, theirs: Record<string, Observed>) => weakerMaster(known(ours, theirs))?.name;

  it("is found, also beside one that has more", () => {
    assert.equal(weaker(replica("server13", at(100), down), { server12: master(at(0, "b")) }), "server12");
    const oneKey = replica("server13", at(100), { ...down, keys: 1 });
    assert.equal(weaker(oneKey, { server12: master(at(0, "b")) }), "server12", "one key is data, too");
    assert.equal(
      weaker(replica("server14", at(100), down), { server12: master(at(150)), server13: master(at(80)) }),
      "server13",
    );
  });

  it("is none where we have no more than it, no keys, or no complete data", () => {
    assert.equal(weaker(replica("server13", at(100), down), { server12: master(at(100)) }), undefined, "the same");
    assert.equal(weaker(replica("server13", at(90), down), { server12: master(at(100)) }), undefined, "less");
    assert.equal(weaker(replica("server13", at(120), { ...down, keys: 0 }), { server12: master(at(100)) }), undefined);
    assert.equal(weaker(replica("server13", at(120), unsynced), { server12: master(at(100)) }), undefined);
  });

  it("is none where only a replica has less", () => {
    assert.equal(weaker(master(at(100)), { server12: replica("server11", at(90)) }), undefined);
  });
});

describe("steps that make a server follow another one", () => {
  const steps = (facts: Facts) => inWords({ row: "", steps: follow(facts, only(facts), "a reason") });

  it("are one where nothing of ours is lost; a master's writes are held back first, and let through at the end", () => {
    assert.equal(steps(known(replica("server13", at(90), down), { server12: master(at(100)) })), "follow server12");
    assert.equal(
      steps(known(master(at(90)), { server12: master(at(100)) })),
      "fence 15 s, confirm, follow server12, unfence",
    );
  });

  it("keep a dump first of what only we have, with the reason and its bytes", () => {
    const facts = known(master(at(120)), { server12: master(at(150, "b", parted)) });
    assert.equal(steps(facts), "fence 15 s, confirm, quarantine 20, follow server12, unfence");
    const dump = follow(facts, only(facts), "a reason").find((step) => step.do === "quarantine");
    assert.deepEqual(dump, { do: "quarantine", source: target(only(facts)), because: "a reason", bytes: 20 });
  });

  it("name both servers with their addresses", () => {
    const [step] = follow(
      known(replica("server13", at(90), down), { server12: master(at(100)) }),
      only(known(blank("x"), { server12: master(at(100)) })),
      "",
    );
    assert.deepEqual(step, {
      do: "follow",
      at: { name: "server11", host: hosts.server11, port: 6379 },
      source: { name: "server12", host: hosts.server12, port: 6379 },
    });
  });

  it("are sent to peers that don't copy from us yet and lose nothing by it", () => {
    const pointed = (theirs: Observed) => {
      const facts = known(master(at(100)), { server12: theirs });
      return inWords({ row: "", steps: repoint(facts, seenPeers(facts)) });
    };
    assert.equal(pointed(replica("server13", at(90), down)), "follow server11 at server12");
    assert.equal(pointed(replica("server11", at(90))), "", "it does already");
    assert.equal(pointed(replica("server13", at(120), down)), "", "it has more");
    assert.equal(pointed(replica("server13", at(90), { loading: { eta_s: 1 } })), "", "it is loading");
    assert.equal(
      pointed(replica("server13", at(0), { loading: { eta_s: 1 }, keys: 0 })),
      "",
      "it is loading, no key yet",
    );
    assert.equal(pointed(blank("server13")), "follow server11 at server12");
  });
});
