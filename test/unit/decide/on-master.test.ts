import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decide } from "../../../src/decide/transition.ts";
import type { ConnectedReplica } from "../../../src/model/observation.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { planned } from "./plan-in-words.ts";
import { at, blank, gone, master, refusing, replica, situation } from "./situations.ts";

const down = { link: { link: "down" } } as const;
const loading = { loading: { eta_s: 3 } };
const diverged = { id: "a", until: 100 };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const parked = (offset: number) => replica("127.0.0.1", at(offset), { link: { port: 1, link: "down" } });
const connected: ConnectedReplica = { host: "192.0.2.12", port: 6379, online: true, offset: 100, lag_s: 0 };
const isolated = { isolated: true };
const forced = { allowDataLoss: true };
const persistent = { persistence: "replica" } as const;

const rows: [string, Situation, string][] = [
  // Cut off, perhaps.
  [
    "a master that reaches nobody takes no writes for a while",
    situation(master(at(100)), { server12: gone }, isolated),
    "fence 15 s, !",
  ],
  [
    "a replica that reaches nobody is not promoted",
    situation(replica("server12", at(100), down), { server12: gone }, isolated),
    "!",
  ],
  [
    "the same, and a person said to serve",
    situation(replica("server12", at(100), down), { server12: gone }, { ...isolated, ...forced }),
    "promote, unfence",
  ],

  // We are the one master.
  ["nothing to change", situation(master(at(100)), { server12: gone }), "unfence"],
  [
    "no replica is there: we persist",
    situation(master(at(100)), { server12: gone }, persistent),
    "unfence, persist on",
  ],
  [
    "a replica is there, and persists for us",
    situation(master(at(100), { replicas: [connected] }), { server12: replica("server11", at(100)) }, persistent),
    "unfence, persist off",
  ],
  [
    "its first copy is under way: we persist until it has one",
    situation(
      master(at(100), { replicas: [{ ...connected, online: false }] }),
      { server12: replica("server11", at(0), unsynced) },
      persistent,
    ),
    "unfence, persist on",
  ],
  [
    "replicas that copy from elsewhere follow us, but none that is loading, or has what we lack",
    situation(master(at(100)), {
      server12: replica("server14", at(90), down),
      server13: replica("server14", at(0), { ...loading, keys: 0 }),
      server14: replica("server15", at(120), down),
      server15: replica("server11", at(100)),
    }),
    "unfence, follow server11 at server12",
  ],

  // Another node is master, too.
  [
    "it went on from us: we copy that first",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }),
    "fence 15 s, confirm, follow server12, unfence, wait-synced, ...",
  ],
  [
    "nothing in common: who has the virtual IP stays, the other one keeps a dump",
    situation(master(at(100)), { server12: master(at(900, "x")) }),
    "fence 15 s at server12, confirm, unfence",
  ],
  [
    "we are empty: its data is what counts",
    situation(master(at(0)), { server12: master(at(900, "x")) }),
    "fence 15 s, confirm, follow server12, unfence, wait-synced, ...",
  ],
  [
    "it is empty",
    situation(master(at(100)), { server12: master(at(0, "x")) }, persistent),
    "hand-over from server12, unfence, persist on",
  ],
  [
    "both took as many writes: who has the virtual IP stays",
    situation(master(at(150)), { server12: master(at(150, "b", diverged)) }),
    "fence 15 s at server12, confirm, unfence",
  ],

  // We are a replica, another node is master.
  [
    "we copy from it: what we lack comes with the hand-over, and a third node follows us",
    situation(
      replica("server12", at(90)),
      { server12: master(at(100)), server13: replica("server12", at(90)) },
      persistent,
    ),
    "hand-over from server12, follow server11 at server13, persist on at server12, persist off",
  ],
  [
    "we have all that it has, though we don't copy from it",
    situation(parked(100), { server12: master(at(100)) }),
    "hand-over from server12",
  ],
  [
    "the link is down, and it has more: copy first",
    situation(replica("server12", at(90), down), { server12: master(at(100)) }),
    "follow server12, wait-synced, ...",
  ],
  [
    "the link is down, and we wrote more when we were master: that is kept",
    situation(parked(150), { server12: master(at(120, "b", diverged)) }),
    "quarantine 50, follow server12, unfence, wait-synced, ...",
  ],
  [
    "amid our first copy from it",
    situation(replica("server12", at(0), { ...unsynced, keys: 0 }), { server12: master(at(100)) }),
    "follow server12, wait-synced, ...",
  ],
  [
    "two masters: the one that we copy from hands over",
    situation(replica("server13", at(100)), { server12: master(at(900, "x")), server13: master(at(100)) }),
    "hand-over from server13",
  ],
  [
    "an unfinished copy here, an empty master there: who has nothing is no source for one that may have something",
    situation(replica("server13", at(50), unsynced), { server12: master(at(0, "x")) }),
    "!",
  ],
  [
    "an unfinished copy here, one key there: it serves that",
    situation(replica("server13", at(50), unsynced), { server12: master(at(9, "x"), { keys: 1 }) }),
    "quarantine 50, follow server12, unfence, wait-synced, ...",
  ],
  [
    "an unfinished copy here, one master empty, another with data: that one is followed",
    situation(replica("server14", at(50), unsynced), { server12: master(at(0, "x")), server13: master(at(9, "y")) }),
    "quarantine 50, follow server13, unfence, wait-synced, ...",
  ],
  [
    "the master went on from what we have, and deleted all of it: that is newer",
    situation(parked(100), { server12: master(at(150), { keys: 0 }) }),
    "follow server12, wait-synced, ...",
  ],
  [
    "nothing here, an empty master there",
    situation(blank("server13"), { server12: master(at(0, "x")) }),
    "follow server12, wait-synced, ...",
  ],
  [
    "a whole copy here, an unrelated master with data there: it has served",
    situation(parked(100), { server12: master(at(50, "x")) }),
    "quarantine 100, follow server12, unfence, wait-synced, ...",
  ],
  [
    "a whole copy here, an unrelated master there that lost its keys but not its place",
    situation(parked(100), { server12: master(at(50, "x"), { keys: 0 }) }),
    "hand-over from server12",
  ],

  // The master lives and refuses us.
  ["it goes on taking writes", situation(replica("server12", at(100)), { server12: refusing("full") }), "!"],
  [
    "a blocked one takes none: it is given up",
    situation(replica("server12", at(100)), { server12: refusing("busy") }),
    "promote, unfence",
  ],
  [
    "we don't copy from it any more",
    situation(replica("server12", at(100), down), { server12: refusing("full") }),
    "promote, unfence",
  ],
  [
    "who refuses us is not who we copy from",
    situation(replica("server13", at(100)), { server12: refusing("full"), server13: gone }),
    "promote, unfence",
  ],
  ["we are parked, and copied from nobody", situation(parked(100), { server12: refusing("full") }), "promote, unfence"],

  // No master answers.
  [
    "our data is complete",
    situation(replica("server12", at(100), down), { server12: gone }, persistent),
    "promote, unfence, persist on",
  ],
  [
    "others have less: they follow us",
    situation(replica("server12", at(100), down), { server12: gone, server13: replica("server12", at(90), down) }),
    "promote, unfence, follow server11 at server13",
  ],
  [
    "another replica has more: it serves as source",
    situation(replica("server12", at(90), down), { server12: gone, server13: replica("server12", at(100), down) }),
    "promote at server13, follow server13, wait-synced, ...",
  ],
  [
    "a new pair",
    situation(blank("server12"), { server12: blank("server11") }, persistent),
    "promote, unfence, persist on",
  ],
  [
    "nothing here, and not every node answers",
    situation(blank("server12"), { server12: blank("server11"), server13: gone }),
    "!",
  ],
  [
    "nothing here, and one node may have something",
    situation(blank("server12"), { server12: replica("server11", at(50), unsynced) }),
    "!",
  ],
  [
    "an unfinished copy here, nothing elsewhere",
    situation(replica("server12", at(50), unsynced), { server12: blank("server11") }),
    "!",
  ],
  [
    "an unfinished copy here, and a person said to serve it",
    situation(replica("server12", at(50), unsynced), { server12: gone }, { ...forced, ...persistent }),
    "promote, unfence, persist on",
  ],
];

describe("MASTER: the virtual IP is here", () => {
  for (const [name, facts, expected] of rows) it(name, () => assert.equal(planned("MASTER", facts), expected));
});

describe("the row that decided, as --dry-run prints it", () => {
  it("says of the one master that nothing changes, not that another one is to follow", () => {
    const { row } = decide("MASTER", situation(master(at(100)), { server12: gone }));
    assert.equal(row, "the local Redis is master and no other node is: keep the role");
  });
});
