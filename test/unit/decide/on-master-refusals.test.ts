import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decide } from "../../../src/decide/transition.ts";
import type { Situation } from "../../../src/model/situation.ts";
import { at, blank, gone, master, refusing, replica, servedRecord, situation } from "./situations.ts";

const isolated = { isolated: true };
const unsynced = { link: { link: "down", positioned: false, syncing: true } } as const;

describe("what a refused take-over says", () => {
  const refused = (facts: Situation) => {
    const { refusal } = decide("MASTER", facts);
    return `${refusal?.cause}; ${refusal?.remedy}`;
  };

  it("where nothing answers, it names the network and the way to serve all the same", () => {
    const said = refused(situation(master(at(100)), { server12: gone }, isolated));
    assert.match(
      said,
      /no peer and none of failover.witnesses answers; repair the network, .*--allow-data-loss on server11/,
    );
  });

  it("where the master refuses us, it says how, and what to do about that", () => {
    const said = refused(situation(replica("server12", at(100)), { server12: refusing("permission") }));
    assert.match(
      said,
      /^server12 is still master .*refused: permission; .*rights.* stop the Redis of server12; .* on server11$/,
    );
  });

  it("where our data is known to be too old, it says how much is missing, who served it, and both ways to go on", () => {
    const served = servedRecord(at(500), 60_000, [{ offset: 90, at_ms: 0 }]);
    const parked = replica("127.0.0.1", at(100), { link: { port: 1, link: "down" } });
    assert.match(
      refused(situation(parked, { server12: gone }, { served })),
      /^400 bytes of what server12 served are missing here, the last 60 s of it; server12: .*ECONNREFUSED; start the node that served last, .*--allow-data-loss on server11$/,
    );
  });

  it("where our data is neither known to be complete nor new, it is the first that counts", () => {
    const served = servedRecord(at(500), 60_000, []);
    const half = replica("server12", at(50), unsynced);
    assert.match(refused(situation(half, { server12: gone }, { served })), /^server11 has 100 keys of an incomplete/);
  });

  it("where our data is not known to be complete, it says how much there is, for how long, and what each peer says", () => {
    const half = { ...unsynced, keys: 7 };
    assert.match(
      refused(situation(replica("server12", at(50), half), { server12: gone, server13: blank("server12") })),
      /^server11 has 7 keys of an incomplete or unknown copy; server12: 192.0.2.12:6379: ECONNREFUSED; server13 has no newer data either; .*: init --adopt on server11, or notify-master --allow-data-loss there if init did not set it up$/,
    );
    const broken = { link: { link: "down", positioned: false, downFor_s: 40 } } as const;
    assert.match(
      refused(situation(replica("server12", at(50), broken), { server12: gone })),
      /100 keys of an incomplete or unknown copy, its link has been down for 40 s; server12: /,
    );
  });
});
