import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { complete, empty } from "../../../src/decide/may-serve.ts";
import {
  bytesAtStake,
  isParked,
  keepsUp,
  nothingToLose,
  otherMasters,
  seenPeers,
  sourcePeer,
  stalled,
} from "../../../src/decide/situation.ts";
import type { Observed } from "../../../src/model/observation.ts";
import { at, blank, gone, master, refusing, replica, situation } from "./situations.ts";

const loading = { loading: { eta_s: 3 } };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;
const parked = (offset: number) => replica("127.0.0.1", at(offset), { link: { port: 1, link: "down" } });
const peer = (seen: Observed) => ({ name: "server12", host: "192.0.2.12", port: 6379, seen });

describe("what is seen of Redis servers", () => {
  it("a replica keeps up while it is online and acknowledged less than two seconds ago", () => {
    const connected = { host: "192.0.2.12", port: 6379, online: true, offset: 1, lag_s: 1 };
    assert.ok(keepsUp(connected));
    assert.ok(!keepsUp({ ...connected, lag_s: 2 }), "cut off: it stays online for a minute");
    assert.ok(!keepsUp({ ...connected, online: false }), "its first copy is under way");
  });

  it("a full copy has stalled when nothing of it came in for five seconds", () => {
    const copying = (silentFor_s?: number) =>
      replica("server12", at(0), { link: { ...unsynced.link, ...(silentFor_s === undefined ? {} : { silentFor_s }) } });
    assert.ok(stalled(copying(5)));
    assert.ok(!stalled(copying(4)));
    assert.ok(!stalled(copying()), "it has only begun");
    assert.ok(!stalled(replica("server12", at(0), { link: { silentFor_s: 60 } })), "there is no full copy");
    assert.ok(!stalled(master(at(100))));
  });

  it("other masters are peers that say so and have finished loading", () => {
    const facts = situation(gone, {
      server12: master(at(100)),
      server13: master(at(0), loading),
      server14: replica("server12", at(100)),
      server15: gone,
    });
    assert.deepEqual(
      otherMasters(facts).map(({ name }) => name),
      ["server12"],
    );
    assert.deepEqual(
      seenPeers(facts).map(({ name }) => name),
      ["server12", "server13", "server14"],
    );
  });

  it("the peer that we copy from is known by host and port, whether it answers or not", () => {
    const ours = replica("server12", at(100));
    const facts = situation(ours, { server13: master(at(100)), server12: gone });
    assert.equal(sourcePeer(ours, facts)?.name, "server12");
    assert.equal(sourcePeer(replica("server12", at(100), { link: { port: 6380 } }), facts), undefined, "another port");
    assert.equal(sourcePeer(master(at(100)), facts), undefined);
    assert.equal(sourcePeer(parked(100), facts), undefined);
  });

  it("a data set is known to be complete at a master, and at a replica that says so; never while it loads", () => {
    assert.ok(complete(master(at(100))));
    assert.ok(complete(replica("server12", at(100))));
    assert.ok(complete(parked(100)));
    assert.ok(!complete(replica("server12", at(50), unsynced)));
    assert.ok(!complete(blank("server12")));
    assert.ok(!complete(master(at(100), loading)));
    assert.ok(!complete(replica("server12", at(100), loading)));
  });

  it("a parked server pretends to copy from port 1 of its own host", () => {
    assert.ok(isParked(parked(100)));
    assert.ok(!isParked(replica("127.0.0.1", at(100))), "a Redis that listens there");
    assert.ok(!isParked(replica("server12", at(100), { link: { port: 1 } })));
    assert.ok(!isParked(master(at(100))));
  });

  it("a server is empty where nothing was ever written to it: no keys, and no place in any history but its beginning", () => {
    assert.ok(empty(blank("server12")));
    assert.ok(empty(master(at(0))));
    assert.ok(!empty(master(at(100))));
    assert.ok(!empty(master(at(100), { keys: 0 })), "all was deleted: that is data, too");
    assert.ok(!empty(replica("server12", at(50), { ...unsynced, keys: 7 })), "amid its first copy");
    assert.ok(
      !empty(replica("server12", at(0), { ...loading, keys: 0, link: { positioned: false } })),
      "still reading",
    );
    assert.ok(
      empty(replica("server12", at(100), { keys: 0, link: { positioned: false } })),
      "an offset that says nothing",
    );
  });
});

describe("what would be lost if our Redis followed a peer", () => {
  const rows: [string, Observed, Observed, boolean, number | undefined][] = [
    ["the peer has all that we have", master(at(100)), master(at(150)), true, 0],
    ["both have the same", master(at(100)), master(at(100)), true, 0],
    ["we have more", master(at(150)), master(at(100)), false, 50],
    ["both wrote on", master(at(120)), master(at(190, "b", { id: "a", until: 100 })), false, 20],
    ["nothing in common: nobody can say how much", master(at(120)), master(at(190, "b")), false, undefined],
    ["nothing in common, and we have no keys", master(at(120), { keys: 0 }), master(at(190, "b")), true, undefined],
    ["we deleted all, and the peer lacks that", master(at(120), { keys: 0 }), master(at(100)), false, 20],
    ["we never had anything", blank("server12"), master(at(100)), true, 0],
    [
      "an unfinished copy without a key",
      replica("server12", at(90), { ...unsynced, keys: 0 }),
      master(at(50)),
      true,
      40,
    ],
    [
      "an unfinished copy with keys: nobody knows what is in it",
      replica("server12", at(50), unsynced),
      master(at(100)),
      false,
      0,
    ],
  ];
  for (const [name, ours, theirs, nothing, bytes] of rows) {
    it(`${name}: ${nothing ? "nothing" : bytes === undefined ? "perhaps all" : `${bytes} bytes`}`, () => {
      assert.equal(nothingToLose(ours, peer(theirs)), nothing);
      if (name !== "we never had anything") assert.equal(bytesAtStake(ours, peer(theirs)), bytes);
    });
  }

  it("a peer that refuses us is none that we could compare with", () => {
    assert.deepEqual(seenPeers(situation(master(at(100)), { server12: refusing("password") })), []);
  });
});
