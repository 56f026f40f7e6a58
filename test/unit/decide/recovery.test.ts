import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recovery } from "../../../src/decide/recovery.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { at, blank, down, gone, master, refusing, replica, situation } from "./situations.ts";

/** What is found, in a few words; of a refusal, its cause and its way out. */
function found(facts: Situation): string {
  const result = recovery(facts);
  if (result.kind === "recover") return `${result.startRedis ? "start, " : ""}copy from ${result.source.name}`;
  if (result.kind === "refused") return `${result.refusal.cause} -> ${result.refusal.remedy}`;
  return result.kind;
}

const holder = { holdsVip: true };
const diverged = { id: "a", until: 100 };
const loading = { loading: { eta_s: 3 } };

const rows: [string, Situation, string | RegExp][] = [
  // The peer serves.
  ["our Redis is dead", situation(gone, { server12: master(at(100)) }), "start, copy from server12"],
  [
    "our Redis is a replica already",
    situation(replica("server12", at(100)), { server12: master(at(100)) }),
    "copy from server12",
  ],
  ["our Redis is empty", situation(blank("server12"), { server12: master(at(100)) }), "copy from server12"],
  [
    "our Redis came back as a master",
    situation(master(at(100)), { server12: master(at(150, "b", diverged)) }),
    "copy from server12",
  ],
  ["our Redis is loading", situation(master(at(0), loading), { server12: master(at(100)) }), "copy from server12"],
  [
    "one of two peers is dead",
    situation(gone, { server12: gone, server13: master(at(100)) }),
    "start, copy from server13",
  ],

  // There is nothing to recover.
  [
    "we are the master, with a replica",
    situation(master(at(100)), { server12: replica("server11", at(100)) }),
    "master-here",
  ],
  [
    "we are the master with the virtual IP, alone",
    situation(master(at(100)), { server12: gone }, holder),
    "master-here",
  ],

  // Refused, with the way out.
  [
    "a master alone without the virtual IP may be the old one",
    situation(master(at(100)), { server12: gone }),
    /^no peer answers .*ECONNREFUSED.* -> .*start Redis on a peer/,
  ],
  ["everybody is dead", situation(gone, { server12: gone }), /^no peer answers .* -> .*start Redis on a peer/],
  [
    "two masters beside us",
    situation(gone, { server12: master(at(100)), server13: master(at(150, "b", diverged)) }),
    /^server12 and server13 are both masters.* -> .*`recover-master` on the one that does not have the virtual IP/,
  ],
  [
    "the peer is loading",
    situation(gone, { server12: master(at(0), loading) }),
    /^server12 is still loading.* -> run this command again/,
  ],
  [
    "the peer is a replica",
    situation(gone, { server12: replica("server11", at(100), down) }),
    /^server12 answers, but no node is master -> read its log/,
  ],
  [
    "the peer refuses our password",
    situation(gone, { server12: refusing("password") }),
    /^server12 rejects our login.* -> .*redis.password_file/,
  ],
  [
    "the peer takes no more clients",
    situation(gone, { server12: refusing("full") }),
    /^server12 rejects our login.* -> .*maxclients/,
  ],
  [
    "our own Redis refuses our password",
    situation(refusing("password"), { server12: master(at(100)) }),
    /^the local Redis of server11 rejects our login.* -> .*redis.password_file/,
  ],
  [
    "a script blocks our own Redis",
    situation(refusing("busy"), { server12: master(at(100)) }),
    /^the local Redis of server11 rejects our login.* -> .*SCRIPT KILL/,
  ],
];

describe("what recover-master finds before it changes anything", () => {
  for (const [name, facts, expected] of rows) {
    it(name, () => {
      if (typeof expected === "string") assert.equal(found(facts), expected);
      else assert.match(found(facts), expected);
    });
  }
});
