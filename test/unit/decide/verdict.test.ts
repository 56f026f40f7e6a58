import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownVerdict, withDrain } from "../../../src/decide/verdict.ts";
import { verdictWithPeers } from "../../../src/decide/verdict-with-peers.ts";
import type { Observation } from "../../../src/model/observation.ts";
import type { Situation } from "../../../src/model/situation.ts";
import type { HealthFacts, Verdict } from "../../../src/model/verdict.ts";
import { at, blank, down, gone, master, notNotable, refusing, replica, situation } from "./situations.ts";

type Known = Omit<Partial<HealthFacts>, "lasting"> & { lasting?: Record<string, number>; draining?: boolean };

/** The monitor's two questions in one: our own Redis first, then the peers where that can't decide it. */
function verdict(facts: Situation, known: Known = {}): Verdict {
  const { lasting = {}, draining = false, ...rest } = known;
  const { seen, holdsVip } = facts.node;
  const watch = { ...notNotable, seen, holdsVip, ...rest };
  const found = ownVerdict({ ...watch, lasting: (cause) => lasting[cause] ?? 0 });
  return withDrain("soft" in found ? verdictWithPeers(found.soft, found.detail, facts) : found, draining);
}

const inWords = ({ healthy, cause }: Verdict): string => `${healthy ? "fit" : "unfit"}: ${cause}`;

const holder = { holdsVip: true };
const served = { wasMaster: true };
const loading = { loading: { eta_s: 3 } };
const misconf = { refusesWrites: "MISCONF Redis is configured to save RDB snapshots" };
const diverged = { id: "a", until: 100 };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const stuck = { link: { link: "down", positioned: false, syncing: true, silentFor_s: 5 } } as const;
const inSync = { server12: replica("server11", at(100)) };
const silent = (why: "refused" | "timeout" | "closed" | "garbage" | "no-route"): Observation => ({
  kind: "unreachable",
  why,
  detail: `192.0.2.11:6379: ${why}`,
});

const rows: [string, Situation, Known, string][] = [
  // Hard causes fail by themselves, whatever the peers are.
  ["nothing listens", situation(silent("refused"), { server12: gone }, holder), {}, "unfit: refused"],
  ["no answer in time", situation(silent("timeout"), { server12: gone }, holder), {}, "unfit: timeout"],
  ["it hangs up", situation(silent("closed"), { server12: gone }, holder), {}, "unfit: closed"],
  ["it isn't Redis", situation(silent("garbage"), { server12: gone }, holder), {}, "unfit: garbage"],
  ["no way to it", situation(silent("no-route"), { server12: gone }, holder), {}, "unfit: no-route"],
  ["a drain mark", situation(master(at(100)), { server12: gone }, holder), { draining: true }, "unfit: draining"],
  ["a drain mark, and our Redis is dead", situation(gone, inSync, holder), { draining: true }, "unfit: refused"],

  // The server lives, only we aren't let in.
  ["our password is wrong", situation(refusing("password"), inSync, holder), served, "fit: password"],
  ["our user may not ask", situation(refusing("permission"), inSync, holder), served, "fit: permission"],
  ["its clients are too many", situation(refusing("full"), inSync, holder), served, "fit: full"],
  [
    "the password has been wrong for a day",
    situation(refusing("password"), { server12: master(at(100)) }, holder),
    { ...served, lasting: { password: 86400 } },
    "fit: password",
  ],

  [
    "a standby's password is wrong, and the master serves",
    situation(refusing("password"), { server12: master(at(100)) }),
    {},
    "unfit: password",
  ],
  [
    "a standby's password is wrong, and nobody else is there",
    situation(refusing("password"), { server12: gone }),
    {},
    "fit: password",
  ],
  [
    "a standby knows a wrong password, and the master rejects that, too",
    situation(refusing("password"), { server12: refusing("password") }),
    {},
    "unfit: password",
  ],

  // A script blocks the server.
  ["busy for a moment", situation(refusing("busy"), inSync, holder), { lasting: { busy: 4.9 } }, "fit: busy"],
  ["busy for long", situation(refusing("busy"), inSync, holder), { lasting: { busy: 5 } }, "unfit: busy"],
  [
    "busy for long, nobody else is there",
    situation(refusing("busy"), { server12: gone }, holder),
    { lasting: { busy: 60 } },
    "fit: busy",
  ],
  [
    "busy for long, the peer is in its first copy",
    situation(refusing("busy"), { server12: replica("server11", at(0), unsynced) }, holder),
    { lasting: { busy: 60 } },
    "fit: busy",
  ],

  // Loading.
  ["loading, a peer is in sync", situation(master(at(0), loading), inSync, holder), {}, "unfit: loading"],
  [
    "loading, the peer is loading, too",
    situation(master(at(0), loading), { server12: master(at(0), loading) }, holder),
    {},
    "fit: loading",
  ],
  ["loading, nobody else is there", situation(master(at(0), loading), { server12: gone }, holder), {}, "fit: loading"],
  [
    "loading, the peer is empty and no master",
    situation(master(at(0), loading), { server12: blank("server11") }),
    {},
    "fit: loading",
  ],

  // Writes refused after a failed save.
  [
    "writes refused, a peer takes them",
    situation(master(at(100), misconf), inSync, holder),
    {},
    "unfit: refuses-writes",
  ],
  [
    "writes refused here and there",
    situation(master(at(100), misconf), { server12: replica("server11", at(100), misconf) }, holder),
    {},
    "fit: refuses-writes",
  ],
  [
    "writes refused, nobody else is there",
    situation(master(at(100), misconf), { server12: gone }, holder),
    {},
    "fit: refuses-writes",
  ],

  // Master.
  ["the holder is master", situation(master(at(100)), { server12: gone }, holder), {}, "fit: master"],
  // Keepalived was killed there and left the address: no transition tells anybody.
  [
    "the holder is master, and so is the peer",
    situation(master(at(100)), { server12: master(at(120, "b", diverged)) }, holder),
    {},
    "fit: two-masters",
  ],
  ["master without the virtual IP, the only one", situation(master(at(100)), inSync), {}, "fit: master-without-vip"],
  [
    "master without the virtual IP, another went on from us",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }),
    {},
    "unfit: master-without-vip",
  ],
  [
    "master without the virtual IP, but it took more writes than the other",
    situation(master(at(190)), { server12: master(at(150, "b", diverged)) }),
    {},
    "fit: master-without-vip",
  ],
  [
    "master without the virtual IP, the other one restarted empty",
    situation(master(at(100)), { server12: master(at(0, "b")) }),
    {},
    "fit: master-without-vip",
  ],

  // The holder's Redis is a replica.
  [
    "the holder is a replica: its hook has only begun",
    situation(replica("server12", at(100)), { server12: gone }, holder),
    { lasting: { "holder-is-replica": 2.9 } },
    "fit: holder-is-replica",
  ],
  [
    "the holder is a replica for long",
    situation(replica("server12", at(100)), { server12: gone }, holder),
    { lasting: { "holder-is-replica": 3 } },
    "unfit: holder-is-no-master",
  ],
  [
    "the holder is a replica for long, and a hook is at work",
    situation(replica("server12", at(100)), { server12: gone }, holder),
    { lasting: { "holder-is-replica": 20 }, inTransition: true },
    "fit: holder-is-replica",
  ],

  [
    "the holder was master, and another node has taken the role",
    situation(replica("server12", at(100)), { server12: master(at(100)) }, holder),
    { wasMaster: true },
    "unfit: role-taken",
  ],
  [
    "the holder copies all of its data set from a master, and a hook waits for that",
    situation(replica("server12", at(0), unsynced), { server12: master(at(100)) }, holder),
    { inTransition: true },
    "unfit: holder-copies",
  ],
  [
    "the holder copies all of its data set, and the master dies: nobody may serve half a copy",
    situation(replica("server12", at(50), unsynced), { server12: gone }, holder),
    { inTransition: true },
    "unfit: incomplete",
  ],

  // Replica.
  ["a replica in sync", situation(replica("server12", at(100)), { server12: master(at(100)) }), {}, "fit: replica"],
  [
    "link down, the master is dead",
    situation(replica("server12", at(100), down), { server12: gone }),
    {},
    "fit: link-down",
  ],
  [
    "link down, the master went on",
    situation(replica("server12", at(100), down), { server12: master(at(120)) }),
    {},
    "unfit: link-down",
  ],
  [
    "link down, the master restarted empty",
    situation(replica("server12", at(100), down), { server12: master(at(0, "b")) }),
    {},
    "fit: link-down",
  ],
  [
    "link down, another replica is ahead",
    situation(replica("server12", at(90), down), { server12: gone, server13: replica("server12", at(100), down) }),
    {},
    "unfit: link-down",
  ],
  [
    "link down, the one ahead of us refuses writes",
    situation(replica("server12", at(90), down), { server12: master(at(100), misconf) }),
    {},
    "fit: link-down",
  ],

  // Data that is not known to be complete.
  [
    "its full copy has brought nothing for 5 s, and the master answers",
    situation(replica("server12", at(50), stuck), { server12: master(at(100)) }),
    {},
    "unfit: copy-stalled",
  ],
  [
    "amid a full copy, the master serves",
    situation(replica("server12", at(0), unsynced), { server12: master(at(100)) }),
    {},
    "unfit: incomplete",
  ],
  [
    "its master rejects it, so it asks for a full copy each second and gets none: it stays as it was",
    situation(replica("server12", at(0), unsynced), { server12: master(at(100)) }),
    { lasting: { "not-following": 3 } },
    "unfit: not-following",
  ],
  [
    "a full copy has begun at last",
    situation(replica("server12", at(0), { link: { ...unsynced.link, progress: { bytes: 1, total: 10 } } }), {
      server12: master(at(100)),
    }),
    { lasting: { "not-following": 3 } },
    "unfit: incomplete",
  ],
  [
    "no copy came of it, and the link is down as before",
    situation(replica("server12", at(100), { link: { link: "down" } }), { server12: master(at(100)) }),
    { lasting: { incomplete: 0.01 } },
    "unfit: not-following",
  ],
  [
    "amid a full copy, the master died",
    situation(replica("server12", at(50), unsynced), { server12: gone }),
    {},
    "unfit: incomplete",
  ],
  ["no copy yet, the peer is dead", situation(blank("server12"), { server12: gone }), {}, "unfit: incomplete"],
  [
    "no copy yet, the peer refuses us",
    situation(blank("server12"), { server12: refusing("password") }),
    {},
    "unfit: incomplete",
  ],
  ["a new pair", situation(blank("server12"), { server12: blank("server11") }), {}, "fit: incomplete"],
  [
    "nothing here, and the peer is only just reading its data from disk",
    situation(blank("server12"), {
      server12: replica("server11", at(0), { ...loading, keys: 0, link: { positioned: false } }),
    }),
    {},
    "unfit: incomplete",
  ],
];

describe("the monitor's verdict", () => {
  for (const [name, facts, known, expected] of rows) {
    it(name, () => assert.equal(inWords(verdict(facts, known)), expected));
  }

  it("says why, and who would do better", () => {
    for (const [name, facts, known] of rows) {
      const { healthy, cause, detail } = verdict(facts, known);
      if (!healthy || !["master", "replica"].includes(cause)) assert.match(detail, /\w/, name);
      if (facts.peers.length === 1 && detail.includes("would do better") && !healthy)
        assert.match(detail, /server12 would do better/, name);
    }
  });
});
