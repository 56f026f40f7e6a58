import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decide } from "../../../src/decide/transition.ts";
import type { ConnectedReplica, Observation } from "../../../src/model/observation.ts";
import type { Served } from "../../../src/model/served.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { planned } from "./plan-in-words.ts";
import { at, blank, down, gone, master, refusing, replica, servedRecord, situation } from "./situations.ts";

const loading = { loading: { eta_s: 3 } };
const diverged = { id: "a", until: 100 };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const parked = (offset: number) => replica("127.0.0.1", at(offset), { link: { port: 1, link: "down" } });
const connected: ConnectedReplica = { host: "192.0.2.12", port: 6379, online: true, offset: 100, lag_s: 0 };
const isolated = { isolated: true };
const forced = { allowDataLoss: true };
const persistent = { persistence: "replica" } as const;

const silent: Observation = { kind: "unreachable", why: "timeout", detail: "192.0.2.12:6379: no answer" };
const move = { planned: true };

/** server12 served up to this offset; ten seconds before, it was 20 bytes less. */
const served = (offset: number): { served: Served } => ({
  served: servedRecord(at(offset), 60_000, [
    { offset: 0, at_ms: 0 },
    { offset: offset - 20, at_ms: 50_000 },
    { offset, at_ms: 60_000 },
  ]),
});

/** This node had resigned, or a peer had before this node was promoted. */
const resigned = ({ node, peers, ...rest }: Situation, who = node.name): Situation => ({
  ...rest,
  node: { ...node, resigned: who === node.name },
  peers: peers.map((peer) => (peer.name === who ? { ...peer, resigned: true } : peer)),
});

const wasMaster = ({ node, ...rest }: Situation): Situation => ({ ...rest, node: { ...node, wasMaster: true } });

/** So many write commands each, since they parted. */
const written = ({ peers, ...rest }: Situation, ours: number, theirs: number): Situation => ({
  ...rest,
  peers: peers.map((peer) => ({
    ...peer,
    written: { ours: { writes: ours, deletions: 0 }, theirs: { writes: theirs, deletions: 0 } },
  })),
});

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
    "it went on from us: we follow it, and the virtual IP goes there, once",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }),
    "resign, fence 15 s, confirm, follow server12, unfence, unfence at server12, drop-clients",
  ],
  [
    "nothing in common: who has the virtual IP stays, the other one keeps a dump",
    situation(master(at(100)), { server12: master(at(900, "x")) }),
    "fence 15 s at server12, confirm, unfence",
  ],
  [
    "we are empty: its data is what counts",
    situation(master(at(0)), { server12: master(at(900, "x")) }),
    "resign, fence 15 s, confirm, follow server12, unfence, unfence at server12, drop-clients",
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

  [
    "it was promoted after we had resigned: it is newer, though we have more bytes",
    resigned(situation(master(at(900)), { server12: master(at(150, "b", diverged)) })),
    "resign, fence 15 s, confirm, quarantine 800, follow server12, unfence, unfence at server12, drop-clients",
  ],
  [
    "we were promoted after it had resigned: we are newer, though it has more bytes",
    resigned(situation(master(at(150, "b", diverged)), { server12: master(at(900)) }), "server12"),
    "fence 15 s at server12, confirm, unfence",
  ],
  [
    "both were promoted, and our clients wrote more: we stay, though it has more bytes",
    written(situation(master(at(150)), { server12: master(at(900, "b", diverged)) }), 9, 3),
    "fence 15 s at server12, confirm, unfence",
  ],
  [
    "the other one stays: its replica persists from now on",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }, persistent),
    "resign, fence 15 s, confirm, follow server12, unfence, unfence at server12, drop-clients, persist on",
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
    "quarantine ?, follow server12, unfence, wait-synced, ...",
  ],
  [
    "an unfinished copy here, one master empty, another with data: that one is followed",
    situation(replica("server14", at(50), unsynced), { server12: master(at(0, "x")), server13: master(at(9, "y")) }),
    "quarantine ?, follow server13, unfence, wait-synced, ...",
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
    "quarantine ?, follow server12, unfence, wait-synced, ...",
  ],
  [
    "a whole copy here, an unrelated master there that lost its keys but not its place",
    situation(parked(100), { server12: master(at(50, "x"), { keys: 0 }) }),
    "hand-over from server12",
  ],

  [
    "we have all that it has, but it was promoted after we had resigned: it is copied first",
    resigned(situation(parked(150), { server12: master(at(100, "b", diverged)) })),
    "quarantine 50, follow server12, unfence, wait-synced, ...",
  ],

  // We were master here, the virtual IP has not left, and another node has the role.
  [
    "we copy from it already: the health check gives the virtual IP away",
    wasMaster(situation(replica("server12", at(100)), { server12: master(at(100)) })),
    "",
  ],
  [
    "we are parked: it is followed, and once we copy from it the role is not taken back",
    wasMaster(situation(parked(100), { server12: master(at(150)) })),
    "follow server12, wait-synced, ...",
  ],
  [
    "we are parked, and have writes of our own: they are kept",
    wasMaster(situation(parked(150), { server12: master(at(120, "b", diverged)) })),
    "quarantine 50, follow server12, unfence, wait-synced, ...",
  ],
  [
    "the other master has less, or nothing, and we have all of it: it was restarted, and took no role",
    wasMaster(situation(parked(100), { server12: master(at(0, "x")) })),
    "hand-over from server12",
  ],
  [
    "the other master came back with an older snapshot: the same",
    wasMaster(situation(parked(100), { server12: master(at(80)) })),
    "hand-over from server12",
  ],
  [
    "a person says to serve here",
    wasMaster(situation(replica("server12", at(100)), { server12: master(at(100)) }, forced)),
    "hand-over from server12",
  ],
  ["nobody else is master", wasMaster(situation(parked(100), { server12: gone })), "promote, unfence"],

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
  // A planned move: a peer that says nothing is slow.
  [
    "it may be slow: it is waited for",
    situation(replica("server12", at(100)), { server12: silent }, move),
    "wait-answer, ...",
  ],
  [
    "one of two others may be slow",
    situation(replica("server12", at(100), down), { server12: gone, server13: silent }, move),
    "wait-answer, ...",
  ],
  [
    "its host says that nobody listens there",
    situation(replica("server12", at(100), down), { server12: gone }, move),
    "promote, unfence",
  ],
  [
    "it answers: the role is taken over from it, whatever a third node does",
    situation(replica("server12", at(100)), { server12: master(at(100)), server13: silent }, move),
    "hand-over from server12",
  ],
  [
    "nobody planned it: a silent master is gone, and holds writes back should it resume",
    situation(replica("server12", at(100), down), { server12: silent }),
    "promote, unfence, fence-on-resume at server12",
  ],
  [
    "a person said to serve at once",
    situation(replica("server12", at(100), down), { server12: silent }, { ...move, ...forced }),
    "promote, unfence, fence-on-resume at server12",
  ],

  // What is known to be too old.
  ["more is missing than may be", situation(parked(100), { server12: gone }, served(500)), "!"],
  ["as much is missing as may be", situation(parked(480), { server12: gone }, served(500)), "promote, unfence"],
  [
    "more is missing than may be, and a person says to serve it",
    situation(parked(100), { server12: gone }, { ...served(500), ...forced }),
    "promote, unfence",
  ],
  [
    "a peer has more, and enough of it",
    situation(parked(100), { server12: gone, server13: replica("server12", at(490), down) }, served(500)),
    "promote at server13, follow server13, wait-synced, ...",
  ],
  [
    "a peer has more, and is too old as well",
    situation(parked(100), { server12: gone, server13: replica("server12", at(200), down) }, served(500)),
    "!",
  ],
  [
    "a peer has more, is too old as well, and a person says to serve: the best that there is",
    situation(
      parked(100),
      { server12: gone, server13: replica("server12", at(200), down) },
      { ...served(500), ...forced },
    ),
    "promote at server13, follow server13, wait-synced, ...",
  ],
  [
    "it is master already: what it serves is what is served",
    situation(master(at(100)), { server12: gone }, { ...served(500), holdsVip: true }),
    "unfence",
  ],
  [
    "another node serves what is too old, by a person's word: that is what is served",
    situation(parked(100), { server12: master(at(100)) }, served(500)),
    "hand-over from server12",
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
