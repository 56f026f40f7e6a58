import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { switchover } from "../../../src/decide/switchover.ts";
import type { ConnectedReplica } from "../../../src/model/observation.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { at, blank, down, gone, hosts, master, refusing, replica, situation } from "./situations.ts";

/** What becomes of the wish, in a few words; of a refusal its cause and its way out. */
function moved(facts: Situation, wanted?: string): string {
  const found = switchover(facts, wanted);
  if (found.kind === "go") return `${found.from} -> ${found.to}`;
  if (found.kind === "refused") return `refused: ${found.refusal.cause}; ${found.refusal.remedy}`;
  assert.equal(found.kind, "nothing-to-do");
  return `${found.master} is master already`;
}

const acknowledged = (name: string, lag_s: number): ConnectedReplica => {
  return { host: hosts[name] ?? name, port: 6379, online: true, offset: 100, lag_s };
};
const loading = { loading: { eta_s: 3 } };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;

const pair = situation(master(at(100)), { server12: replica("server11", at(100)) });
const three = (ahead: "server12" | "server13") =>
  situation(master(at(100)), {
    server12: replica("server11", at(ahead === "server12" ? 100 : 90)),
    server13: replica("server11", at(ahead === "server13" ? 100 : 90)),
  });

const rows: [string, Situation, string | undefined, string | RegExp][] = [
  // It may begin.
  ["no node is named: the one replica", pair, undefined, "server11 -> server12"],
  ["the replica is named", pair, "server12", "server11 -> server12"],
  [
    "asked on the replica: it moves to there",
    situation(replica("server12", at(100)), { server12: master(at(100)) }),
    undefined,
    "server12 -> server11",
  ],
  ["of two replicas the one that has more", three("server12"), undefined, "server11 -> server12"],
  ["of two replicas the one that has more, wherever it stands", three("server13"), undefined, "server11 -> server13"],
  ["the one that has less, where a person names it", three("server12"), "server13", "server11 -> server13"],
  [
    "a third node is dead: it is not needed",
    situation(master(at(100)), { server12: gone, server13: replica("server11", at(100)) }),
    undefined,
    "server11 -> server13",
  ],
  [
    "a replica of another server, however full, is none of ours",
    situation(master(at(100)), { server12: replica("192.0.2.99", at(900)), server13: replica("server11", at(100)) }),
    undefined,
    "server11 -> server13",
  ],
  [
    "a second master that is still loading is none yet",
    situation(master(at(100)), { server12: master(at(0), loading), server13: replica("server11", at(100)) }),
    undefined,
    "server11 -> server13",
  ],
  [
    "the replica acknowledged three seconds ago: it does so once a second, and a busy host may miss one",
    situation(master(at(100), { replicas: [acknowledged("server12", 3)] }), { server12: replica("server11", at(100)) }),
    undefined,
    "server11 -> server12",
  ],
  [
    "another replica lags",
    situation(master(at(100), { replicas: [acknowledged("server13", 60), acknowledged("server12", 1)] }), {
      server12: replica("server11", at(100)),
      server13: replica("server11", at(40)),
    }),
    undefined,
    "server11 -> server12",
  ],

  // There is nothing to do.
  ["the master is named", pair, "server11", "server11 is master already"],
  [
    "a peer is master, and is named",
    situation(replica("server12", at(100)), { server12: master(at(100)) }),
    "server12",
    "server12 is master already",
  ],

  // Refused, with the way out.
  [
    "nobody is master",
    situation(replica("server12", at(100), down), { server12: gone }),
    undefined,
    /no node is master; .*log of the holder/,
  ],
  [
    "our own Redis is dead, and so is the peer's",
    situation(gone, { server12: gone }),
    "server12",
    /no node is master; /,
  ],
  [
    "the one master is loading",
    situation(master(at(0), loading), { server12: gone }),
    undefined,
    /no node is master; /,
  ],
  [
    "two masters",
    situation(master(at(100)), { server12: master(at(150, "b", { id: "a", until: 100 })) }),
    "server11",
    /server11 and server12 are both masters; first run `recover-master` on the one that does not have the virtual IP/,
  ],
  [
    "no replica at all",
    situation(master(at(100)), { server12: gone }),
    undefined,
    /server11 has no replica; first run `recover-master` on the other node/,
  ],
  [
    "the named node is dead: what became of the connection says more than we could",
    situation(master(at(100)), { server12: gone }),
    "server12",
    /server12 can't be reached; 192.0.2.12:6379: ECONNREFUSED/,
  ],
  [
    "the named node refuses us",
    situation(master(at(100)), { server12: refusing("password") }),
    "server12",
    /server12 can't be reached; refused: password/,
  ],
  [
    "the named node is this one, and its Redis is dead",
    situation(gone, { server12: master(at(100)) }),
    "server11",
    /server11 can't be reached; .*`recover-master` on the other node/,
  ],
  ["no node of this name", pair, "server14", /server14 can't be reached; first run `recover-master`/],
  [
    "the named node copies from somebody else",
    situation(master(at(100)), { server12: replica("192.0.2.99", at(100)) }),
    "server12",
    /server12 is not in sync with server11; run `recover-master` on server12/,
  ],
  [
    "its link is down",
    situation(master(at(100)), { server12: replica("server11", at(100), down) }),
    undefined,
    /server12 is not in sync with server11/,
  ],
  [
    "its first copy is under way",
    situation(master(at(100)), { server12: replica("server11", at(0), unsynced) }),
    undefined,
    /server12 is not in sync with server11/,
  ],
  [
    "its data set is at no known place, though the link is up",
    situation(master(at(100)), { server12: replica("server11", at(0), { link: { positioned: false } }) }),
    undefined,
    /server12 is not in sync with server11/,
  ],
  [
    "it never had a copy of anything",
    situation(master(at(100)), { server12: blank("server11") }),
    "server12",
    /server12 is not in sync with server11/,
  ],
  [
    "it hasn't acknowledged for longer than that",
    situation(master(at(100), { replicas: [acknowledged("server12", 4)] }), { server12: replica("server11", at(100)) }),
    "server12",
    /server12 last acknowledged 4 s ago; wait until it has caught up/,
  ],
];

describe("whether a planned change of master may begin, and to whom", () => {
  for (const [name, facts, wanted, expected] of rows) {
    it(name, () => {
      if (typeof expected === "string") assert.equal(moved(facts, wanted), expected);
      else assert.match(moved(facts, wanted), expected);
    });
  }
});
