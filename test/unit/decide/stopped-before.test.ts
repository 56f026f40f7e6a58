import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { remembered } from "../../../src/decide/served-record.ts";
import { behind, servedElsewhere, stopRemembered } from "../../../src/decide/stopped-before.ts";
import { decide } from "../../../src/decide/transition.ts";
import { verdictWithPeers } from "../../../src/decide/verdict-with-peers.ts";
import type { Observation, Observed } from "../../../src/model/observation.ts";
import type { Served } from "../../../src/model/served.ts";
import { at, blank, down, gone, master, replica, servedRecord, situation } from "./situations.ts";

const record = servedRecord(at(1000), 100_000, [{ offset: 1000, at_ms: 100_000 }]);
const stopped: Served = { ...record, stopped: { nodes: ["server12"], runId: "before" } };
const restarted = replica("127.0.0.1", at(1000), down);

describe("what a node remembers when its Keepalived stops", () => {
  const atStop = (ours: Observation, theirs: Record<string, Observation>, served: Served | undefined = record) =>
    stopRemembered(situation(ours, theirs, { served }))?.stopped;

  it("the nodes that have a complete data set, and which Redis ran here", () => {
    const peers = { server12: master(at(1000)), server13: replica("server12", at(900)) };
    assert.deepEqual(atStop(replica("server12", at(1000)), peers), { nodes: ["server12", "server13"], runId: "r" });
    assert.deepEqual(atStop(master(at(1000)), { server12: replica("server11", at(1000)) })?.nodes, ["server12"]);
    assert.deepEqual(atStop(gone, { server12: master(at(1000)) }), { nodes: ["server12"], runId: "" });
  });

  it("nothing if nobody else could serve, or if nothing was ever served", () => {
    assert.equal(atStop(master(at(1000)), { server12: gone }), undefined);
    assert.equal(atStop(master(at(1000)), { server12: blank("server11") }), undefined);
    assert.equal(
      stopRemembered(situation(replica("server12", at(1)), { server12: master(at(1)) }, { served: undefined })),
      undefined,
    );
  });
});

describe("after the next start", () => {
  const elsewhere = (ours: Observation, theirs: Record<string, Observation>, served: Served | undefined = stopped) =>
    servedElsewhere(situation(ours, theirs, { served }));

  it("what a node that does not answer served since is not known", () => {
    assert.deepEqual(elsewhere(restarted, { server12: gone }), ["server12"]);
    assert.deepEqual(elsewhere(gone, { server12: gone }), ["server12"]);
    const loading = master(at(0), { loading: { eta_s: 3 } });
    assert.deepEqual(elsewhere(restarted, { server12: loading }), ["server12"]);
    const three = { ...stopped, stopped: { nodes: ["server12", "server13"], runId: "before" } };
    assert.deepEqual(elsewhere(restarted, { server12: master(at(1500)), server13: gone }, three), ["server13"]);
  });

  it("it is, if that node answers, or if the same Redis runs here still", () => {
    assert.deepEqual(elsewhere(restarted, { server12: replica("127.0.0.1", at(900), down) }), []);
    assert.deepEqual(elsewhere({ ...restarted, runId: "before" }, { server12: gone }), []);
    assert.deepEqual(elsewhere(restarted, { server12: gone }, record), []);
    assert.deepEqual(servedElsewhere(situation(restarted, { server12: gone }, { served: undefined })), []);
  });

  const facts = (ours: Observed, theirs: Record<string, Observation>, more = {}) =>
    situation(ours, theirs, { served: stopped, ...more });

  it("the data set is behind, unless an operator takes it: neither the health check nor MASTER serves it", () => {
    const alone = facts(restarted, { server12: gone });
    assert.match(behind(alone) ?? "", /^what server12 may have served since this node stopped is not known here$/);
    assert.deepEqual(
      (({ healthy, cause }) => ({ healthy, cause }))(verdictWithPeers("not-following", "parked", alone)),
      { healthy: false, cause: "behind" },
    );
    const plan = decide("MASTER", { ...alone, node: { ...alone.node, holdsVip: true } });
    assert.deepEqual(plan.steps, []);
    assert.match(plan.refusal?.cause ?? "", /what server12 may have served/);
    assert.match(plan.refusal?.remedy ?? "", /start the node that served last/);

    const allowed = { ...alone, allowDataLoss: true };
    assert.equal(behind(allowed), undefined);
    assert.equal(decide("MASTER", allowed).refusal, undefined);
    assert.equal(behind(facts(restarted, { server12: replica("127.0.0.1", at(900), down) })), undefined);
  });

  it("what is missing by the record counts as before", () => {
    const old = situation(replica("127.0.0.1", at(10), down), { server12: gone }, { served: record });
    assert.match(behind(old) ?? "", /990 bytes of what server12 served are missing here/);
    const loading = { ...old, node: { ...old.node, seen: master(at(10), { loading: { eta_s: 1 } }) } };
    assert.equal(behind(loading), undefined);
    assert.equal(behind({ ...old, node: { ...old.node, seen: gone } }), undefined);
    const little = situation(replica("127.0.0.1", at(999), down), { server12: gone }, { served: record });
    assert.equal(behind({ ...little, maxMissing: { seconds: Number.POSITIVE_INFINITY, bytes: 10 } }), undefined);
  });
});

describe("how long it is remembered", () => {
  const seen = replica("server12", at(1000));
  const now = { by: "server12", seen, copied: true };

  it("until what is served is seen again, also if nothing was written meanwhile", () => {
    const after = remembered(stopped, now, 101_000);
    assert.deepEqual(after, record);
    assert.notEqual(after, stopped);
    const newer = remembered(stopped, { by: "server12", seen: replica("server12", at(2000)) }, 200_000);
    assert.equal(newer?.history.offset, 2000);
    assert.equal(newer?.stopped, undefined);
  });

  it("not by a check that sees nothing served, nor by one while Keepalived is stopped", () => {
    assert.equal(remembered(stopped, undefined, 101_000), stopped);
    assert.equal(remembered(stopped, now, 101_000, true), stopped);
    const newer = remembered(stopped, { by: "server12", seen: replica("server12", at(2000)) }, 200_000, true);
    assert.equal(newer?.history.offset, 2000);
    assert.deepEqual(newer?.stopped, stopped.stopped);
  });
});
