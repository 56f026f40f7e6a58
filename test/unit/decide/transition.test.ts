import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describe as inWords } from "../../../src/decide/plan.ts";
import { decide } from "../../../src/decide/transition.ts";
import type { Situation } from "../../../src/model/situation.ts";
import type { Transition } from "../../../src/model/transition.ts";
import { at, blank, down, gone, master, refusing, replica, situation } from "./situations.ts";

/** A plan, short enough to be read in a table: its steps, then `...` for another look and `!` for a refusal; `?`: can't be compared. */
function plan(transition: Transition, facts: Situation): string {
  const { steps, again, refusal } = decide(transition, facts);
  const words = steps.map((step) => {
    const where = "at" in step && step.at && step.at.name !== "server11" ? `@${step.at.name}` : "";
    if (step.do === "follow") return `follow ${step.source.name}${where}`;
    if (step.do === "quarantine") return `quarantine ${step.bytes ?? "?"}`;
    if (step.do === "hand-over") return `hand-over from ${step.from.name}`;
    if (step.do === "persist") return `persist ${step.on ? "on" : "off"}${where}`;
    return `${step.do}${where}`;
  });
  return [...words, ...(again ? ["..."] : []), ...(refusal ? ["!"] : [])].join(", ");
}

const copying = (silentFor_s: number) =>
  ({ link: { link: "down", positioned: false, syncing: true, silentFor_s } }) as const;
const loading = { loading: { eta_s: 3 } };
const diverged = { id: "a", until: 100 };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;

const rows: [string, Transition, Situation, string][] = [
  // MASTER
  ["the master dies", "MASTER", situation(replica("server12", at(100), down), { server12: gone }), "promote, unfence"],
  [
    "a planned move",
    "MASTER",
    situation(replica("server12", at(100)), { server12: master(at(100)) }),
    "hand-over from server12",
  ],
  ...(["password", "permission", "full"] as const).map((why): [string, Transition, Situation, string] => [
    `the master that we copy from lets us not in: ${why}`,
    "MASTER",
    situation(replica("server12", at(100)), { server12: refusing(why) }),
    "!",
  ]),
  [
    "the master that we copy from lets us not in, and a person says to serve here",
    "MASTER",
    situation(replica("server12", at(100)), { server12: refusing("password") }, { allowDataLoss: true }),
    "promote, unfence",
  ],
  [
    "the master that we copy from is blocked by a script",
    "MASTER",
    situation(replica("server12", at(100)), { server12: refusing("busy") }),
    "promote, unfence",
  ],
  [
    "who lets us not in is no master of ours any more",
    "MASTER",
    situation(replica("server12", at(100), down), { server12: refusing("password") }),
    "promote, unfence",
  ],
  [
    "we are master already",
    "MASTER",
    situation(master(at(100)), { server12: replica("server11", at(100)) }),
    "unfence",
  ],
  [
    "a third node still copies from the dead master",
    "MASTER",
    situation(replica("server12", at(100), down), { server12: gone, server13: replica("server12", at(90), down) }),
    "promote, unfence, follow server11@server13",
  ],
  [
    "a third replica is fresher",
    "MASTER",
    situation(replica("server12", at(90), down), { server12: gone, server13: replica("server12", at(100), down) }),
    "promote@server13, follow server13, wait-synced, ...",
  ],
  [
    "the master restarted empty at once",
    "MASTER",
    situation(replica("server12", at(100), down), { server12: master(at(0, "b")) }),
    "hand-over from server12",
  ],
  [
    "a first copy is under way, its source is gone",
    "MASTER",
    situation(replica("server12", at(0), unsynced), { server12: gone }),
    "!",
  ],
  [
    "the same, and a person takes what is there",
    "MASTER",
    situation(replica("server12", at(0), unsynced), { server12: gone }, { allowDataLoss: true }),
    "promote, unfence",
  ],
  ["nothing here and the peer is silent", "MASTER", situation(blank("server12"), { server12: gone }), "!"],
  [
    "a new pair, both replicas of each other",
    "MASTER",
    situation(blank("server12"), { server12: blank("server11") }),
    "promote, unfence",
  ],
  [
    "nothing here, the other replica has data",
    "MASTER",
    situation(blank("server12"), { server12: replica("server11", at(100), down) }),
    "promote@server12, follow server12, wait-synced, ...",
  ],
  [
    "nothing here, and the peer has only begun to read its data from disk",
    "MASTER",
    situation(blank("server12"), { server12: replica("server11", at(0), { ...loading, link: { positioned: false } }) }),
    "!",
  ],
  [
    "both start again from dumps of different age, with no id in common",
    "MASTER",
    situation(replica("server12", at(80), down), { server12: replica("server11", at(100, "b"), down) }),
    "promote@server12, quarantine ?, follow server12, unfence, wait-synced, ...",
  ],
  [
    "both start again, and the other one took more since they diverged",
    "MASTER",
    situation(replica("server12", at(110), down), { server12: replica("server11", at(150, "b", diverged), down) }),
    "promote@server12, quarantine 10, follow server12, unfence, wait-synced, ...",
  ],
  ["our own Redis is dead", "MASTER", situation(gone, { server12: master(at(100)) }), "!"],
  [
    "our own Redis is loading",
    "MASTER",
    situation(replica("server12", at(0), loading), { server12: gone }),
    "wait-loaded, ...",
  ],
  [
    "two masters, the other one has nothing that we lack",
    "MASTER",
    situation(master(at(150, "b", diverged)), { server12: master(at(100)) }),
    "hand-over from server12, unfence",
  ],
  [
    "two masters, the other one took more writes",
    "MASTER",
    situation(master(at(110, "b", diverged)), { server12: master(at(150)) }),
    "resign, fence, confirm, quarantine 10, follow server12, unfence, unfence@server12, drop-clients",
  ],
  [
    "two masters, we took more writes: the other one keeps a dump by itself",
    "MASTER",
    situation(master(at(150, "b", diverged)), { server12: master(at(110)) }),
    "fence@server12, confirm, unfence",
  ],
  // BACKUP
  [
    "Keepalived starts at the only master",
    "BACKUP",
    situation(master(at(100)), { server12: replica("server11", at(100)) }),
    "",
  ],
  ["Keepalived starts, nobody else answers", "BACKUP", situation(master(at(100)), { server12: gone }), ""],
  [
    "we copy from the master",
    "BACKUP",
    situation(replica("server12", at(100)), { server12: master(at(100)) }),
    "unfence",
  ],
  [
    "the master's host went down amid our full copy, and it is back",
    "FAULT",
    situation(replica("server12", at(90), copying(5)), { server12: master(at(100)) }),
    "park, quarantine 0, follow server12, unfence",
  ],
  [
    "our full copy goes on",
    "BACKUP",
    situation(replica("server12", at(90), copying(4)), { server12: master(at(100)) }),
    "unfence",
  ],
  [
    "a former master comes back with nothing of its own",
    "BACKUP",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }),
    "fence, confirm, follow server12, unfence, unfence@server12, drop-clients",
  ],
  [
    "a former master comes back with writes of its own",
    "BACKUP",
    situation(master(at(120)), { server12: master(at(150, "b", diverged)) }),
    "fence, confirm, quarantine 20, follow server12, unfence, unfence@server12, drop-clients",
  ],
  [
    "a former master took more writes than the new one",
    "BACKUP",
    situation(master(at(190)), { server12: master(at(150, "b", diverged)) }),
    "fence@server12",
  ],
  [
    "the new master is empty and unrelated: it is not followed, it follows",
    "BACKUP",
    situation(replica("server13", at(100), down), { server12: master(at(0, "b")) }),
    "hand-over from server12",
  ],
  [
    "we copy from nobody, a master is there",
    "BACKUP",
    situation(replica("server13", at(100), down), { server12: master(at(150)) }),
    "follow server12",
  ],
  ["our own Redis is dead", "BACKUP", situation(gone, { server12: master(at(100)) }), ""],
  // FAULT
  [
    "unfit, and nobody has taken over yet",
    "FAULT",
    situation(master(at(100)), { server12: replica("server11", at(100)) }),
    "fence",
  ],
  [
    "unfit, a peer is master",
    "FAULT",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }),
    "fence, confirm, follow server12, unfence, unfence@server12, drop-clients",
  ],
  ["our own Redis is dead", "FAULT", situation(gone, { server12: replica("server11", at(100), down) }), ""],
  // STOP
  [
    "Keepalived stops at the master, a replica is in sync",
    "STOP",
    situation(master(at(100)), { server12: replica("server11", at(100)) }),
    "fence",
  ],
  [
    "Keepalived stops at the master, nobody could take over",
    "STOP",
    situation(master(at(100)), { server12: gone }),
    "",
  ],
  [
    "Keepalived stops at the replica",
    "STOP",
    situation(replica("server12", at(100)), { server12: master(at(100)) }),
    "",
  ],
];

describe("what each transition does", () => {
  for (const [name, transition, facts, expected] of rows) {
    it(`${transition}: ${name}`, () => assert.equal(plan(transition, facts), expected));
  }

  it("persistence follows the replica role where the cluster file says so", () => {
    const replicaRole = { persistence: "replica" } as const;
    const lone = situation(replica("server12", at(100), down), { server12: gone }, replicaRole);
    assert.equal(plan("MASTER", lone), "promote, unfence, persist on");
    const pair = situation(replica("server12", at(100)), { server12: master(at(100)) }, replicaRole);
    assert.equal(plan("MASTER", pair), "hand-over from server12, persist on@server12, persist off");
    const back = situation(replica("server12", at(100)), { server12: master(at(100)) }, replicaRole);
    assert.equal(plan("BACKUP", back), "unfence, persist on");
  });

  it("every step has words", () => {
    for (const [, transition, facts] of rows) {
      for (const step of decide(transition, facts).steps) assert.match(inWords(step), /\w/);
    }
  });
});
