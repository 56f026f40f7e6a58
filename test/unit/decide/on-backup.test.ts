import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decide, tables } from "../../../src/decide/transition.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { planned } from "./plan-in-words.ts";
import { at, blank, down, gone, master, refusing, replica, situation } from "./situations.ts";

const diverged = { id: "a", until: 100 };
const unsynced = { link: "down", positioned: false, syncing: true } as const;
const stuck = { link: { ...unsynced, silentFor_s: 5 } };
const parked = (offset: number) => replica("127.0.0.1", at(offset), { link: { port: 1, link: "down" } });
const persistent = { persistence: "replica" } as const;
const holder = { holdsVip: true };

const rows: [string, Situation, string][] = [
  // Nobody else is master.
  ["the only master stays one", situation(master(at(100)), { server12: replica("server11", at(100)) }), ""],
  [
    "a second master that is only loading is none yet",
    situation(master(at(9)), { server12: master(at(0), { loading: { eta_s: 3 } }) }),
    "",
  ],
  ["the master that we copied from is dead", situation(replica("server12", at(100), down), { server12: gone }), "park"],
  [
    "it is dead, and our link to it hasn't noticed yet",
    situation(replica("server12", at(100)), { server12: gone }),
    "park",
  ],
  [
    "the node that we copied from came back as a replica",
    situation(replica("server12", at(100), down), { server12: replica("server11", at(90), down) }),
    "park",
  ],
  [
    "it refuses us, and the link to it is down",
    situation(replica("server12", at(100), down), { server12: refusing("password") }),
    "park",
  ],
  [
    "it refuses us, and we copy from it all the same",
    situation(replica("server12", at(100)), { server12: refusing("full") }),
    "",
  ],
  [
    "we copy from a replica, as it does from a third",
    situation(replica("server12", at(100)), { server12: replica("server13", at(100)) }),
    "",
  ],
  [
    "it is too busy with our full copy to answer: that goes on",
    situation(replica("server12", at(0), { link: unsynced }), { server12: gone }),
    "",
  ],
  [
    "it stopped amid our full copy, and answers as no master",
    situation(replica("server12", at(0), { link: unsynced }), { server12: blank("server11") }),
    "park",
  ],
  ["parked already", situation(parked(100), { server12: gone }), ""],
  ["the source is no node of ours", situation(replica("192.0.2.99", at(100), down), { server12: gone }), ""],

  // We copy from a master.
  [
    "we copy from the master: it goes on without a fence that was left, and we persist for it",
    situation(replica("server12", at(100)), { server12: master(at(100)) }, persistent),
    "unfence, persist on",
  ],
  [
    "the link to it has just broken: Redis mends that",
    situation(replica("server12", at(100), down), { server12: master(at(100)) }),
    "unfence",
  ],
  [
    "the copy has stalled: what we had before is kept, and it begins anew",
    situation(replica("server12", at(90), stuck), { server12: master(at(100)) }),
    "park, quarantine 0, follow server12, unfence",
  ],
  [
    "the copy has stalled, and we have nothing yet",
    situation(replica("server12", at(0), { ...stuck, keys: 0 }), { server12: master(at(100)) }),
    "park, follow server12",
  ],
  [
    "the copy from one that is no master any more has stalled",
    situation(replica("server12", at(90), stuck), { server12: replica("server11", at(90), down) }),
    "park",
  ],

  // Another node is master, and has less.
  [
    "it restarted empty: we take over from it",
    situation(replica("server12", at(100), down), { server13: master(at(0, "b")) }),
    "hand-over from server13",
  ],
  [
    "it restarted from an older dump: we take over from it",
    situation(parked(100), { server12: master(at(80, "b", { id: "a", until: 80 })) }),
    "hand-over from server12",
  ],
  [
    "we have neither keys nor history to put in its place",
    situation(replica("server13", at(0), { ...down, keys: 0 }), { server12: master(at(0, "b")) }),
    "follow server12",
  ],
  [
    "we deleted all that it had: nothing that could be served",
    situation(replica("server13", at(120), { ...down, keys: 0 }), { server12: master(at(100)) }),
    "quarantine 20, follow server12, unfence",
  ],
  ["both have the same", situation(parked(100), { server12: master(at(100)) }), "follow server12"],
  [
    "our own copy was never finished: it can't be served",
    situation(replica("server13", at(50), { link: unsynced }), { server12: master(at(0, "b")) }),
    "quarantine ?, follow server12, unfence",
  ],

  // Another node is master, and so are we.
  [
    "we took more writes: the other one takes none until it follows",
    situation(master(at(190)), { server12: master(at(150, "b", diverged)) }),
    "fence 15 s at server12",
  ],
  [
    "we took more writes than either of two others",
    situation(master(at(190)), { server12: master(at(150, "b", diverged)), server13: master(at(120, "c", diverged)) }),
    "fence 15 s at server12, fence 15 s at server13",
  ],
  [
    "both took as many, and we have the virtual IP",
    situation(master(at(150)), { server12: master(at(150, "b", diverged)) }, holder),
    "fence 15 s at server12",
  ],
  [
    "both took as many, and it has the virtual IP",
    situation(master(at(150)), { server12: master(at(150, "b", diverged)) }),
    "fence 15 s, confirm, quarantine 50, follow server12, unfence, unfence at server12, drop-clients",
  ],
  [
    "it went on from us: nothing of ours needs to be kept, but our clients must go",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }, persistent),
    "fence 15 s, confirm, follow server12, unfence, unfence at server12, drop-clients, persist on",
  ],
  [
    "of two others one took fewer writes than we, one more: that one is followed",
    situation(master(at(150)), {
      server12: master(at(110, "b", diverged)),
      server13: master(at(190, "c", diverged)),
    }),
    "fence 15 s, confirm, quarantine 50, follow server13, unfence, unfence at server13, drop-clients",
  ],

  // Another node is master, and we are a replica of somebody else.
  [
    "a replica that has more of its own follows all the same: it has served nobody",
    situation(parked(190), { server12: master(at(110, "b", diverged)) }, holder),
    "quarantine 90, follow server12, unfence",
  ],
  [
    "no history in common with a master that has data",
    situation(parked(100), { server12: master(at(50, "x")) }, persistent),
    "quarantine ?, follow server12, unfence, persist on",
  ],
  [
    "nothing here yet",
    situation(blank("server13"), { server12: master(at(100)) }, persistent),
    "follow server12, persist on",
  ],
];

describe("BACKUP: the virtual IP is elsewhere", () => {
  for (const [name, facts, expected] of rows) it(name, () => assert.equal(planned("BACKUP", facts), expected));
});

describe("the row that decided, as --dry-run prints it", () => {
  it("says of a lone master that it keeps the role, not that it waits for one", () => {
    const { row } = decide("BACKUP", situation(master(at(100)), { server12: gone }));
    assert.equal(row, "the local Redis is master and no other node is: keep the role");
  });
});

describe("FAULT: Keepalived found this node unfit", () => {
  it("a lone master holds writes back until a peer has taken over, or until the fence ends by itself", () => {
    assert.equal(planned("FAULT", situation(master(at(100)), { server12: gone })), "fence 15 s");
    assert.equal(
      planned("FAULT", situation(master(at(100)), { server12: replica("server11", at(100)) })),
      "fence 15 s",
    );
  });

  it("has one thing to say of a lone master, beside the last row, which says it of everybody", () => {
    const ours = master(at(100));
    const facts = situation(ours, { server12: gone });
    const fitting = tables.FAULT.filter((row) => row.fits({ ...facts, node: { ...facts.node, seen: ours }, ours }));
    assert.equal(fitting.length, 2, fitting.map(({ when }) => when).join("; "));
  });

  it("is as BACKUP in all else, but a node that can't serve holds nobody's writes back, and a fence is left to BACKUP", () => {
    for (const [name, facts, atBackup] of rows) {
      const expected = /^fence 15 s at /.test(atBackup) ? "" : atBackup.replace(/^unfence(, )?/, "");
      const lone =
        facts.node.seen.kind === "observed" && facts.node.seen.role === "master" && /stays one|none yet/.test(name);
      if (!lone) assert.equal(planned("FAULT", facts), expected, name);
    }
  });
});
