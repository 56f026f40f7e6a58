import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type PutBackFacts, pairFacts, putBack } from "../../../../src/decide/drill/put-back.ts";
import { at, blank, gone, master, refusing, replica, situation } from "../situations.ts";

/** The role has moved to server12, and server11 is its replica. */
const moved: PutBackFacts = {
  ...{ origin: "server11", masters: ["server12"], originInSync: true, originAnswers: true },
  ...{ killed: false, othersInSync: false, elapsed_s: 0 },
};

function next(more: Partial<PutBackFacts>): string {
  const found = putBack({ ...moved, ...more });
  return found.do === "leave" ? `${found.because}; ${found.remedy}` : found.do;
}

const home = { masters: ["server11"], originInSync: false, othersInSync: true };
const lost = { originInSync: false, killed: true };
const status = "`status` says what to do";

const rows: [string, Partial<PutBackFacts>, string][] = [
  ["the old master is master, and the others are in sync", home, "nothing"],
  ["the old master is master, and a replica is not in sync yet", { ...home, othersInSync: false }, "wait"],
  [
    "the old master is master, and a replica does not get in sync",
    { ...home, othersInSync: false, elapsed_s: 40 },
    `server11 is master, and its replica is not in sync; ${status}`,
  ],
  [
    "the old master is master, whatever it is said to copy",
    { ...home, originInSync: true, othersInSync: false },
    "wait",
  ],
  ["the old master is in sync with the new one", {}, "move-back"],
  ["it was killed, and is in sync again", { killed: true }, "move-back"],
  ["it was killed, and is not in sync", lost, "recover"],
  ["it is not in sync yet", { originInSync: false, elapsed_s: 39.9 }, "wait"],
  [
    "it does not get in sync",
    { originInSync: false, elapsed_s: 40 },
    "server12 is master, and server11 is not in sync with it; run `recover-master` on server11",
  ],
  ["two masters may still become one", { masters: ["server11", "server12"], othersInSync: true }, "wait"],
  ["two masters, the killed one among them", { ...lost, masters: ["server11", "server12"] }, "wait"],
  [
    "two masters stay",
    { masters: ["server11", "server12"], elapsed_s: 41 },
    `server11 and server12 are master; ${status}`,
  ],
  ["nobody is master yet", { masters: [], originInSync: false }, "wait"],
  ["nobody stays master", { masters: [], originInSync: false, elapsed_s: 40 }, `no node is master; ${status}`],
  [
    "the killed one is down, and another one may still take over",
    { ...lost, masters: [], originAnswers: false, elapsed_s: 19.9 },
    "wait",
  ],
  [
    "the killed one is down, and nobody took over",
    { ...lost, masters: [], originAnswers: false, elapsed_s: 20 },
    "start-redis",
  ],
  ["nobody took over, and the killed one answers", { ...lost, masters: [], elapsed_s: 20 }, "wait"],
  ["nobody took over, and none was killed", { masters: [], originAnswers: false, elapsed_s: 20 }, "wait"],
  [
    "the killed one was started by somebody else, and is master again",
    { ...lost, masters: ["server11"], originAnswers: false, elapsed_s: 20 },
    "wait",
  ],
];

describe("after a drill that was stopped, or failed", () => {
  for (const [what, facts, expected] of rows) it(what, () => assert.equal(next(facts), expected));
});

describe("the pair as it is", () => {
  const facts = (...[here, peers]: Parameters<typeof situation>) => pairFacts(situation(here, peers), "server11");
  const none = { masters: [], originInSync: false, originAnswers: false, othersInSync: false };

  it("before a drill, and seen from the replica after the move", () => {
    assert.deepEqual(facts(master(at(100)), { server12: replica("server11", at(100)) }), {
      ...{ masters: ["server11"], originInSync: false, originAnswers: true, othersInSync: true },
    });
    assert.deepEqual(facts(replica("server12", at(100)), { server12: master(at(100)) }), {
      ...{ masters: ["server12"], originInSync: true, originAnswers: true, othersInSync: false },
    });
  });

  it("two masters: nobody follows both", () => {
    const found = facts(master(at(100)), { server12: master(at(100)), server13: replica("server11", at(100)) });
    assert.deepEqual(found.masters, ["server11", "server12"]);
    assert.equal(found.othersInSync, false);
  });

  it("a replica is not in sync that copies from another one, whose link is down, or that has no whole copy", () => {
    for (const seen of [
      replica("server13", at(100)),
      replica("server11", at(100), { link: { link: "down" } }),
      blank("server11"),
      replica("server11", at(100), { link: { syncing: true, positioned: false } }),
      gone,
      refusing("password"),
    ])
      assert.equal(facts(master(at(100)), { server12: seen }).othersInSync, false);
  });

  it("nobody is master: not one that loads its data, and not one that does not answer", () => {
    assert.deepEqual(facts(gone, { server12: replica("server11", at(100)) }), none);
    assert.deepEqual(facts(gone, { server12: master(at(100), { loading: { eta_s: 3 } }) }), none);
    const loads = facts(master(at(100), { loading: { eta_s: 3 } }), { server12: replica("server11", at(100)) });
    assert.deepEqual(loads, { ...none, originAnswers: true });
  });
});
