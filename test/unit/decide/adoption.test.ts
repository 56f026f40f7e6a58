import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AdoptionFacts, adoption } from "../../../src/decide/adoption.ts";
import type { Observation } from "../../../src/model/observation.ts";
import { at, blank, gone, master, refusing, replica, situation } from "./situations.ts";

/** What is found, in a few words; of a refusal, its cause and its remedy. */
function found(ours: Observation, theirs: Record<string, Observation>, flags: Partial<AdoptionFacts> = {}): string {
  const result = adoption({ situation: situation(ours, theirs), adopt: false, join: false, begins: false, ...flags });
  if (result.kind === "refused") return `${result.refusal.cause} -> ${result.refusal.remedy}`;
  if (result.kind === "follow") return `follow ${result.source.name}`;
  if (result.kind === "start") return "start";
  assert.equal(result.kind, "serve");
  const parks = result.park.map(({ name }) => `park ${name}, `).join("");
  return `${parks}${result.promote ? "promote, " : ""}serve`;
}

const join = { join: true };
const adopt = { adopt: true };
const begins = { begins: true };
const alone = (keys: number) => master({ ...at(0, "alone"), uncounted: true }, { keys });
const lone = (keys: number) => master({ ...at(0, "other"), uncounted: true }, { keys });
/** Restarted parked, from an RDB without a history. */
const unknown = (keys: number) =>
  replica("127.0.0.1", at(0, "x"), { keys, link: { link: "down", positioned: false, host: "127.0.0.1", port: 1 } });
const parked = (offset: number) =>
  replica("127.0.0.1", at(offset), { link: { link: "down", positioned: true, host: "127.0.0.1", port: 1 } });

const rows: [string, Observation, Record<string, Observation>, Partial<AdoptionFacts>, string | RegExp][] = [
  ["the first node, the other one not set up", alone(2000), { server12: gone }, {}, "serve"],
  [
    "the first node, the other one asks for another password",
    alone(2000),
    { server12: refusing("password") },
    {},
    "serve",
  ],
  ["the other one runs alone without keys", alone(2000), { server12: lone(0) }, {}, "park server12, serve"],
  ["neither has keys", alone(0), { server12: lone(0) }, {}, "park server12, serve"],
  [
    "both have keys",
    alone(2000),
    { server12: lone(3) },
    {},
    /^server11 has 2000 keys, and server12 has 3: .* -> run `init --adopt`/,
  ],
  ["both have keys, and ours are kept", alone(2000), { server12: lone(3) }, adopt, "park server12, serve"],
  ["only the other one has keys", alone(0), { server12: lone(3) }, {}, "follow server12"],
  [
    "begins on the node without keys",
    alone(0),
    { server12: lone(3) },
    begins,
    /^server12 is master \(3 keys\), so the cluster has to begin there -> run `init` on server12, /,
  ],
  [
    "begins on the replica",
    replica("server12", at(100)),
    { server12: master(at(100)) },
    begins,
    /^server12 is master \(\d+ keys\), so the cluster has to begin there /,
  ],
  ["begins on the master of a pair", master(at(100)), { server12: replica("server11", at(100)) }, begins, "serve"],
  ["begins, and nobody has keys", alone(0), { server12: lone(0) }, begins, "park server12, serve"],
  ["again, once it serves", master(at(100)), { server12: replica("server11", at(100)) }, {}, "serve"],
  ["again, as its replica", replica("server12", at(100)), { server12: master(at(100)) }, {}, "follow server12"],
  ["joins", alone(0), { server12: master(at(100)) }, join, "follow server12"],
  ["joins, and nobody has keys yet", alone(0), { server12: lone(0) }, join, "follow server12"],
  ["joins with keys of its own", alone(3), { server12: master(at(100)) }, join, "follow server12"],
  [
    "joins with keys one that has none",
    alone(2000),
    { server12: lone(0) },
    join,
    /^server11 has 2000 keys, and server12, which is master, has none -> .*--adopt/,
  ],
  ["the same, and ours are kept", alone(2000), { server12: lone(0) }, { ...join, ...adopt }, "park server12, serve"],
  [
    "joins, and nobody serves",
    alone(0),
    { server12: gone },
    join,
    /^no other node is master \(server12: .*-> run `init`/,
  ],
  [
    "joins with a wrong password",
    alone(0),
    { server12: refusing("password") },
    join,
    /^server12 rejects us: .* -> --password-file/,
  ],
  ["joins without a right", alone(0), { server12: refusing("permission") }, join, /^server12 rejects us: /],
  [
    "both restarted parked",
    unknown(2000),
    { server12: blank("127.0.0.1") },
    {},
    /^server11 has 2000 keys of an .*--adopt/,
  ],
  ["both restarted parked, adopted", unknown(2000), { server12: blank("127.0.0.1") }, adopt, "promote, serve"],
  [
    "both restarted parked, the other one has the keys",
    unknown(0),
    { server12: unknown(2000) },
    {},
    "server11 has no keys, and server12 has 2000 and is not master -> run `init --adopt` on server12",
  ],
  [
    "both restarted parked, a third one has the keys",
    unknown(0),
    { server12: unknown(0), server13: unknown(2000) },
    {},
    "server11 has no keys, and server13 has 2000 and is not master -> run `init --adopt` on server13",
  ],
  ["restarted parked, and the master has no keys", unknown(2000), { server12: lone(0) }, {}, "follow server12"],
  ["a new cluster by the redis.conf of the docs", unknown(0), { server12: unknown(0) }, {}, "promote, serve"],
  ["the whole cluster was stopped", parked(100), { server12: parked(100) }, {}, "start"],
  ["a copy is adopted", replica("server12", at(100)), { server12: master(at(100)) }, adopt, /already has .*switchover/],
  [
    "a broken copy is adopted",
    replica("server12", at(90), { link: { link: "down" } }),
    { server12: master(at(100)) },
    adopt,
    "park server12, promote, serve",
  ],
  ["the local Redis is gone", gone, {}, {}, /does not answer/],
  ["the local Redis rejects us", refusing("password"), {}, {}, /rejects us/],
  ["the local Redis is loading", master(at(0), { loading: { eta_s: 1 } }), {}, {}, /is loading/],
];

describe("whose data are served, when init makes a cluster", () => {
  for (const [title, ours, theirs, flags, expected] of rows)
    it(title, () => {
      const result = found(ours, theirs, flags);
      if (typeof expected === "string") assert.equal(result, expected);
      else assert.match(result, expected);
    });
});
