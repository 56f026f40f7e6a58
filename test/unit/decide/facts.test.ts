import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Facts, follow, makeReplicas, masterWithLess, target } from "../../../src/decide/facts.ts";
import { seenPeers } from "../../../src/decide/situation.ts";
import type { Observed } from "../../../src/model/observation.ts";
import type { SeenPeer } from "../../../src/model/situation.ts";
import { inWords } from "./plan-in-words.ts";
import { at, blank, down, hosts, master, replica, situation } from "./situations.ts";

const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const diverged = { id: "a", until: 100 };

function known(ours: Observed, theirs: Record<string, Observed>): Facts {
  const facts = situation(ours, theirs);
  return { ...facts, node: { ...facts.node, seen: ours }, ours };
}

/** The one peer of these facts. */
const only = (facts: Facts): SeenPeer => seenPeers(facts)[0] as SeenPeer;

describe("a master that has nothing which we lack, while we have more", () => {
  const weaker = (ours: Observed, theirs: Record<string, Observed>) => masterWithLess(known(ours, theirs))?.name;

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
      "fence 15 s, confirm, follow server12, unfence, unfence at server12",
    );
  });

  it("keep a dump first of what only we have, with the reason and its bytes", () => {
    const facts = known(master(at(120)), { server12: master(at(150, "b", diverged)) });
    assert.equal(steps(facts), "fence 15 s, confirm, quarantine 20, follow server12, unfence, unfence at server12");
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
      return inWords({ row: "", steps: makeReplicas(facts, seenPeers(facts)) });
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
