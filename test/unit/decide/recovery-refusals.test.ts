import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recovery } from "../../../src/decide/recovery.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { at, down, gone, master, refusing, replica, situation } from "./situations.ts";

/** What is found, in a few words; of a refusal its cause and its way out. */
function found(facts: Situation): string {
  const result = recovery(facts);
  if (result.kind === "recover") return `${result.startRedis ? "start, " : ""}copy from ${result.source.name}`;
  if (result.kind === "refused") return `${result.refusal.cause}; ${result.refusal.remedy}`;
  return result.kind;
}

const loading = { loading: { eta_s: 3 } };
const diverged = { id: "a", until: 100 };

describe("recover-master, before it changes anything", () => {
  it("leaves a lone master as it is where the virtual IP or a peer's word says that it is the right one", () => {
    assert.equal(found(situation(master(at(100)), { server12: gone }, { holdsVip: true })), "master-here");
    assert.equal(found(situation(master(at(100)), { server12: replica("server11", at(90), down) })), "master-here");
    assert.match(found(situation(master(at(100)), { server12: gone })), /^no peer answers/);
  });

  it("never calls a replica the master, not even one that has the virtual IP", () => {
    assert.match(
      found(situation(replica("server12", at(100), down), { server12: gone }, { holdsVip: true })),
      /^no peer answers/,
    );
  });

  it("copies from the other master though this one has the virtual IP: which of two is right, the agent or a person said", () => {
    const two = situation(master(at(100)), { server12: master(at(150, "b", diverged)) }, { holdsVip: true });
    assert.equal(found(two), "copy from server12");
  });

  it("starts Redis only where it isn't running", () => {
    assert.equal(found(situation(gone, { server12: master(at(100)) })), "start, copy from server12");
    assert.equal(
      found(situation(replica("server12", at(9), down), { server12: master(at(100)) })),
      "copy from server12",
    );
  });

  it("does nothing while its own Redis refuses it: not even the copy could be checked", () => {
    for (const why of ["password", "permission", "full", "busy"] as const) {
      const facts = situation(refusing(why), { server12: master(at(100)) });
      assert.match(
        found(facts),
        new RegExp(`^the local Redis of server11 rejects our login or our commands: refused: ${why}; `),
      );
    }
  });

  it("says of each refusal of its own Redis what to do about that one", () => {
    const here = (why: "password" | "permission" | "full" | "busy") =>
      found(situation(refusing(why), { server12: gone }));
    assert.match(here("password"), /the same on all nodes$/);
    assert.match(here("permission"), /rights/);
    assert.match(here("full"), /maxclients/);
    assert.match(here("busy"), /SCRIPT KILL/);
  });

  it("says of each refusal of a peer's what to do, and where", () => {
    const there = (why: "password" | "permission" | "full" | "busy") =>
      found(situation(gone, { server12: refusing(why) }));
    assert.match(
      there("password"),
      /^server12 rejects our login or our commands: refused: password; the password must be the same/,
    );
    assert.match(there("permission"), /; on server12: .*rights/);
    assert.match(there("full"), /; on server12: .*maxclients/);
    assert.match(there("busy"), /; on server12: .*SCRIPT KILL/);
  });

  it("speaks of the peer that refuses, not of the dead one before it", () => {
    assert.match(found(situation(gone, { server12: gone, server13: refusing("full") })), /^server13 rejects/);
  });

  it("waits for a peer that is loading, and names every replica that knows no master", () => {
    const mixed = { server12: replica("server13", at(90), down), server13: master(at(0), loading) };
    assert.match(found(situation(gone, mixed)), /^server13 is still loading its data set; /);
    const replicas = { server12: replica("server13", at(90), down), server13: replica("server12", at(90), down) };
    assert.match(found(situation(gone, replicas)), /^server12, server13 answers, but no node is master; /);
  });

  it("says of each dead peer how it fails to answer", () => {
    const silent = { kind: "unreachable", why: "timeout", detail: "192.0.2.13:6379: silent" } as const;
    const dead = situation(gone, { server12: gone, server13: silent });
    assert.match(
      found(dead),
      /^no peer answers \(server12: 192.0.2.12:6379: ECONNREFUSED; server13: 192.0.2.13:6379: silent\); /,
    );
  });
});
