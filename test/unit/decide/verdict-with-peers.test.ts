import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verdictWithPeers } from "../../../src/decide/verdict-with-peers.ts";
import type { Observation } from "../../../src/model/observation.ts";
import type { Served } from "../../../src/model/served.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { at, blank, down, gone, master, refusing, replica, servedRecord, situation } from "./situations.ts";

/** What becomes of a cause once the peers are looked at. */
function judged(cause: string, facts: Situation): string {
  const verdict = verdictWithPeers(cause, "a detail", facts);
  return `${verdict.healthy ? "fit" : "unfit"}: ${verdict.cause}`;
}

const holder = { holdsVip: true };
const diverged = { id: "a", until: 100 };
const loading = { loading: { eta_s: 3 } };
const misconf = { refusesWrites: "MISCONF" };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const parked = replica("127.0.0.1", at(100), { link: { port: 1, link: "down" } });

const resigned = (facts: Situation): Situation => ({ ...facts, node: { ...facts.node, resigned: true } });

/** server12 served up to this offset, and ten seconds before that it was 20 bytes less. */
const served = (offset: number): Served =>
  servedRecord(at(offset), 60_000, [
    { offset: 0, at_ms: 0 },
    { offset: offset - 20, at_ms: 50_000 },
    { offset, at_ms: 60_000 },
  ]);

const rows: [string, string, Situation, string][] = [
  // A replica whose link is up, but silent.
  [
    "link-silent",
    "its master answers",
    situation(replica("server12", at(100)), { server12: master(at(100)) }),
    "fit: replica",
  ],
  [
    "link-silent",
    "its master is gone, and nobody else serves",
    situation(replica("server12", at(100)), { server12: gone }),
    "fit: link-down",
  ],
  [
    "link-silent",
    "its master is gone, and another node has taken over",
    situation(replica("server12", at(100)), { server12: gone, server13: master(at(130, "b", diverged)) }),
    "unfit: link-down",
  ],
  [
    "link-silent",
    "its master is a replica now",
    situation(replica("server12", at(100)), { server12: replica("server13", at(100)), server13: master(at(100)) }),
    "unfit: not-following",
  ],
  // A master that no replica keeps up with.
  [
    "alone",
    "nobody else is master",
    situation(master(at(100)), { server12: replica("server11", at(90), down) }, holder),
    "fit: master",
  ],
  [
    "alone",
    "somebody else is master, too: a hook has to settle that",
    situation(master(at(100)), { server12: gone, server13: master(at(9, "x")) }, holder),
    "fit: two-masters",
  ],
  [
    "alone",
    "it has resigned since that one stays master: the virtual IP moves there before the writes are kept here",
    situation(master(at(100)), { server12: master(at(9, "x")) }, { ...holder, givesWayTo: "server12" }),
    "unfit: two-masters",
  ],
  [
    "alone",
    "the one that it resigned to is gone",
    situation(master(at(100)), { server12: gone, server13: master(at(9, "x")) }, { ...holder, givesWayTo: "server12" }),
    "fit: two-masters",
  ],

  [
    "alone",
    "nobody else is master, and it takes no snapshots: it would come back with what it had when it was a replica",
    situation(master(at(100)), { server12: gone }, { ...holder, snapshotsOff: true }),
    "fit: not-saved",
  ],
  [
    "alone",
    "it takes no snapshots, and somebody else is master: that comes first",
    situation(master(at(100)), { server12: master(at(9, "x")) }, { ...holder, snapshotsOff: true }),
    "fit: two-masters",
  ],
  [
    "alone",
    "an operator made it serve older data: nobody asks again",
    situation(master(at(100)), { server12: gone }, { ...holder, served: served(500) }),
    "fit: master",
  ],

  // Another node took the role from the holder, or the holder has nothing to serve yet.
  ...["role-taken", "holder-copies"].flatMap((cause): [string, string, Situation, string][] => [
    [
      cause,
      "another node is master: the virtual IP goes there",
      situation(replica("server12", at(100)), { server12: master(at(100)) }, holder),
      `unfit: ${cause}`,
    ],
    [
      cause,
      "the virtual IP has left, and the master is there",
      situation(replica("server12", at(100)), { server12: master(at(100)) }),
      `unfit: ${cause}`,
    ],
  ]),

  [
    "holder-copies",
    "the master refuses writes",
    situation(replica("server12", at(100)), { server12: master(at(100), misconf) }, holder),
    "fit: holder-copies",
  ],
  [
    "role-taken",
    "the other master refuses writes: the role comes back",
    situation(replica("server12", at(100)), { server12: master(at(100), misconf) }, holder),
    "fit: holder-is-replica",
  ],
  [
    "role-taken",
    "the other master died at once: the role comes back",
    situation(replica("server12", at(100), down), { server12: gone }, holder),
    "fit: holder-is-replica",
  ],
  [
    "role-taken",
    "the same, and the virtual IP has left",
    situation(replica("server12", at(100), down), { server12: gone }),
    "fit: not-following",
  ],
  [
    "role-taken",
    "the other master died amid our copy of it: nobody may serve half of it",
    situation(replica("server12", at(50), unsynced), { server12: gone }, holder),
    "unfit: incomplete",
  ],
  [
    "role-taken",
    "the other master died, and too much of what it served is missing here",
    situation(replica("server12", at(100), down), { server12: gone }, { ...holder, served: served(500) }),
    "unfit: behind",
  ],

  // A replica that copies from nobody.
  [
    "not-following",
    "a master is there to be followed",
    situation(parked, { server12: master(at(100)) }),
    "unfit: not-following",
  ],
  [
    "not-following",
    "only replicas are there: nobody to follow",
    situation(parked, { server12: replica("server13", at(200), down) }),
    "fit: not-following",
  ],
  [
    "not-following",
    "the master has no complete data yet",
    situation(parked, { server12: master(at(100), loading) }),
    "fit: not-following",
  ],
  [
    "not-following",
    "of two peers one is master",
    situation(parked, { server12: replica("server13", at(100)), server13: master(at(100)) }),
    "unfit: not-following",
  ],

  // A link that has just broken.
  [
    "link-down",
    "the master is dead, and nobody has more: the take-over needs us",
    situation(replica("server12", at(100), down), { server12: gone }),
    "fit: link-down",
  ],
  [
    "link-down",
    "the master refuses us",
    situation(replica("server12", at(100), down), { server12: refusing("full") }),
    "fit: link-down",
  ],
  [
    "link-down",
    "the master has more",
    situation(replica("server12", at(100), down), { server12: master(at(101)) }),
    "unfit: link-down",
  ],
  [
    "link-down",
    "the master has what we have: who has the virtual IP may keep it",
    situation(replica("server12", at(100), down), { server12: master(at(100)) }),
    "fit: link-down",
  ],
  [
    "link-down",
    "it came back as a replica: a hook must compare before the link is up again",
    situation(replica("server12", at(100), down), { server12: replica("server11", at(200), down) }),
    "fit: not-following",
  ],
  [
    "link-down",
    "it came back as a replica, and a third is master",
    situation(replica("server12", at(100), down), { server12: replica("server13", at(90)), server13: master(at(90)) }),
    "unfit: not-following",
  ],

  [
    "link-down",
    "it copied from a server that is none of ours",
    situation(replica("192.0.2.99", at(100), down), { server12: replica("server11", at(90), down) }),
    "fit: link-down",
  ],

  [
    "link-down",
    "the master was promoted after we had resigned: it is newer, though we have more bytes",
    resigned(situation(replica("server12", at(900), down), { server12: master(at(150, "b", diverged)) })),
    "unfit: link-down",
  ],

  // A Redis that is another process than before.
  [
    "restarted",
    "a peer has one key that ours lacks",
    situation(master(at(50)), { server12: replica("server11", at(100), { ...down, keys: 1 }) }, holder),
    "unfit: restarted",
  ],
  [
    "restarted",
    "a peer has what was here before",
    situation(master(at(50)), { server12: replica("server11", at(100), down) }, holder),
    "unfit: restarted",
  ],
  [
    "restarted",
    "a peer has data of which ours knows nothing",
    situation(master(at(100, "x")), { server12: replica("server11", at(50), down) }, holder),
    "unfit: restarted",
  ],
  [
    "restarted",
    "ours has all that the peer has",
    situation(master(at(100)), { server12: replica("server11", at(100), down) }, holder),
    "fit: restarted",
  ],
  [
    "restarted",
    "the peer went further, but has no keys",
    situation(master(at(50)), { server12: replica("server11", at(100), { ...down, keys: 0 }) }, holder),
    "fit: restarted",
  ],
  ["restarted", "the peer is dead", situation(master(at(50)), { server12: gone }, holder), "fit: restarted"],

  [
    "restarted",
    "it takes no snapshots: that is for later",
    situation(master(at(100)), { server12: gone }, { ...holder, snapshotsOff: true }),
    "fit: restarted",
  ],

  // A master that lacks the virtual IP.
  [
    "master-without-vip",
    "the other master was promoted after we had resigned, and we have more bytes",
    resigned(situation(master(at(900)), { server12: master(at(150, "b", diverged)) })),
    "unfit: master-without-vip",
  ],
  [
    "master-without-vip",
    "another master went on from us",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }),
    "unfit: master-without-vip",
  ],
  [
    "master-without-vip",
    "nothing in common with the other master: the holder stays",
    situation(master(at(100)), { server12: master(at(9, "x")) }),
    "unfit: master-without-vip",
  ],
  [
    "master-without-vip",
    "we went on from the other master",
    situation(master(at(150, "b", diverged)), { server12: master(at(100)) }),
    "fit: master-without-vip",
  ],
  [
    "master-without-vip",
    "a replica has more, but nobody else serves",
    situation(master(at(100)), { server12: replica("server13", at(200), down) }),
    "fit: master-without-vip",
  ],

  // Whoever can't log in could not be promoted.
  ...(["password", "permission", "full"] as const).flatMap((why): [string, string, Situation, string][] => [
    [why, "a master serves", situation(refusing(why), { server12: master(at(100)) }), `unfit: ${why}`],
    [
      why,
      "the master is dead, and a replica could serve",
      situation(refusing(why), { server12: gone, server13: replica("server12", at(100), down) }),
      `unfit: ${why}`,
    ],
    [why, "nobody else is there", situation(refusing(why), { server12: gone }), `fit: ${why}`],
    [
      why,
      "another Redis rejects us as well: it is alive, and its own node may know the right password",
      situation(refusing(why), { server12: refusing(why) }),
      `unfit: ${why}`,
    ],
    [
      why,
      "a script blocks the other one: it serves nobody",
      situation(refusing(why), { server12: refusing("busy") }),
      `fit: ${why}`,
    ],
    [why, "nobody else has data", situation(refusing(why), { server12: blank("server11") }), `fit: ${why}`],
  ]),

  [
    "password",
    "of two others one is dead, and one rejects us: that one is alive",
    situation(refusing("password"), { server12: gone, server13: refusing("password") }),
    "unfit: password",
  ],
  [
    "password",
    "nobody else is there, and what was served is known: our own data are not",
    situation(refusing("password"), { server12: gone }, { served: served(500) }),
    "fit: password",
  ],
  [
    "busy",
    "another Redis is alive, and nobody knows what it could do: a script ends by itself",
    situation(refusing("busy"), { server12: refusing("password") }, holder),
    "fit: busy",
  ],

  // What is known to be too old is not served without an operator.
  [
    "link-down",
    "the master is dead, and too much of what it served is missing here",
    situation(replica("server12", at(100), down), { server12: gone }, { served: served(500) }),
    "unfit: behind",
  ],
  [
    "link-down",
    "the same, and the cluster file allows it",
    situation(replica("server12", at(100), down), { server12: gone }, { served: served(500), allowDataLoss: true }),
    "fit: link-down",
  ],
  [
    "link-down",
    "as much is missing as the cluster file allows",
    situation(replica("server12", at(480), down), { server12: gone }, { served: served(500) }),
    "fit: link-down",
  ],
  [
    "not-following",
    "the master is there: it would do better anyway",
    situation(parked, { server12: master(at(500)) }, { served: served(500) }),
    "unfit: not-following",
  ],
  [
    "restarted",
    "a lone node came back with an old snapshot",
    situation(master(at(100)), { server12: gone }, { ...holder, served: served(500) }),
    "unfit: behind",
  ],
  [
    "restarted",
    "a lone node came back with all that was served",
    situation(master(at(500)), { server12: gone }, { ...holder, served: served(500) }),
    "fit: restarted",
  ],
  [
    "loading",
    "it is still reading what it has from disk: nobody knows yet",
    situation(master(at(100), loading), { server12: gone }, { ...holder, served: served(500) }),
    "fit: loading",
  ],
  [
    "incomplete",
    "a copy that never finished is worse than an old one",
    situation(replica("server12", at(100), unsynced), { server12: gone }, { served: served(500) }),
    "unfit: incomplete",
  ],

  // Whatever else keeps our Redis from serving: any peer with data would do better.
  [
    "refuses-writes",
    "a replica has a copy",
    situation(master(at(100), misconf), { server12: replica("server11", at(90)) }, holder),
    "unfit: refuses-writes",
  ],
  [
    "refuses-writes",
    "the replica refuses writes, too",
    situation(master(at(100), misconf), { server12: replica("server11", at(90), misconf) }, holder),
    "fit: refuses-writes",
  ],
  [
    "refuses-writes",
    "the replica's copy is not finished",
    situation(master(at(100), misconf), { server12: replica("server11", at(90), unsynced) }, holder),
    "fit: refuses-writes",
  ],
  [
    "refuses-writes",
    "the replica is complete and has no keys",
    situation(master(at(100), misconf), { server12: replica("server11", at(0)) }, holder),
    "fit: refuses-writes",
  ],
  [
    "loading",
    "an empty peer is master: it serves",
    situation(master(at(0), loading), { server12: master(at(0)) }, holder),
    "unfit: loading",
  ],
  [
    "loading",
    "an empty peer is no master, and who is one refuses writes",
    situation(
      master(at(0), loading),
      { server12: master(at(100), misconf), server13: replica("server12", at(0)) },
      holder,
    ),
    "fit: loading",
  ],
  [
    "loading",
    "nobody answers: what is being read is all there is",
    situation(replica("server12", at(0), { ...loading, link: { positioned: false } }), { server12: gone }, holder),
    "fit: loading",
  ],
  [
    "busy",
    "a peer has an empty, complete data set: better than none that answers",
    situation(refusing("busy"), { server12: replica("server11", at(0)) }, holder),
    "unfit: busy",
  ],
  [
    "busy",
    "nobody has complete data",
    situation(refusing("busy"), { server12: blank("server11") }, holder),
    "fit: busy",
  ],

  [
    "loading",
    "a replica has one key: that is data",
    situation(master(at(0), loading), { server12: replica("server11", at(9), { keys: 1 }) }, holder),
    "unfit: loading",
  ],

  // Data that is not known to be complete is never served by accident.
  [
    "incomplete",
    "nobody else has any: a new pair",
    situation(blank("server12"), { server12: blank("server11") }),
    "fit: incomplete",
  ],
  [
    "incomplete",
    "a new pair whose other node is master already",
    situation(blank("server12"), { server12: master(at(0)) }),
    "unfit: incomplete",
  ],
  [
    "incomplete",
    "one of three doesn't answer: it may have some",
    situation(blank("server12"), { server12: blank("server11"), server13: gone }),
    "unfit: incomplete",
  ],
  [
    "incomplete",
    "one of three has keys of an unfinished copy",
    situation(blank("server12"), { server12: blank("server11"), server13: replica("server12", at(9), unsynced) }),
    "unfit: incomplete",
  ],
  [
    "incomplete",
    "we have keys of an unfinished copy, the others nothing",
    situation(replica("server12", at(9), unsynced), { server12: blank("server11") }),
    "unfit: incomplete",
  ],
  [
    "copy-stalled",
    "the master died amid the copy",
    situation(replica("server12", at(9), unsynced), { server12: gone }),
    "unfit: incomplete",
  ],
];

describe("a node that isn't well, among its peers", () => {
  for (const [cause, name, facts, expected] of rows)
    it(`${cause}: ${name}`, () => assert.equal(judged(cause, facts), expected));

  it("names the peer that would do better, or says that none would", () => {
    const third = { server12: gone, server13: master(at(200)) };
    assert.equal(
      verdictWithPeers("link-down", "a detail", situation(replica("server12", at(100), down), third)).detail,
      "a detail; server13 would do better",
    );
    assert.equal(
      verdictWithPeers("link-down", "a detail", situation(replica("server12", at(100), down), { server12: gone }))
        .detail,
      "a detail; no peer would do better",
    );
  });

  it("names what keeps its link down, where its own settings tell", () => {
    const linkProblem = "its masterauth is not the cluster's password";
    const facts = situation(parked, { server12: master(at(200)) }, { linkProblem });
    assert.equal(
      verdictWithPeers("not-following", "a detail", facts).detail,
      "a detail; its masterauth is not the cluster's password; server12 would do better",
    );
  });

  it("says how much of what was served is missing, and who served it", () => {
    const facts = situation(replica("server12", at(100), down), { server12: gone }, { served: served(500) });
    assert.match(verdictWithPeers("link-down", "a detail", facts).detail, /^400 bytes of what server12 served .* 60 s/);
  });

  it("names the other master", () => {
    const { detail } = verdictWithPeers(
      "alone",
      "",
      situation(master(at(100)), { server12: master(at(9, "x")) }, holder),
    );
    assert.match(detail, /^server12 is master too/);
    assert.equal(verdictWithPeers("alone", "", situation(master(at(100)), { server12: gone }, holder)).detail, "");
  });
});

describe("a master that is known to lack more than the limits allow", () => {
  const record = servedRecord(at(1000), 100_000, [{ offset: 10, at_ms: 50_000 }]);
  const cause = (found: string, theirs: Observation) =>
    verdictWithPeers(found, "", situation(master(at(10)), { server12: theirs }, { served: record })).cause;

  it("is `behind`, also beside a node that waits", () => {
    assert.equal(cause("master-without-vip", gone), "behind");
    assert.equal(cause("master-without-vip", replica("127.0.0.1", at(5), down)), "behind");
  });

  it("is not, if a peer has made it master and copies from it", () => {
    assert.equal(cause("master-without-vip", replica("server11", at(10))), "master-without-vip");
    assert.equal(cause("master-without-vip", replica("server11", at(5), down)), "master-without-vip");
  });

  it("is, if it was restarted: its replica may connect again by itself", () => {
    assert.notEqual(cause("restarted", replica("server11", at(10))), "master-without-vip");
    assert.equal(cause("restarted", blank("server11")), "behind");
  });
});
