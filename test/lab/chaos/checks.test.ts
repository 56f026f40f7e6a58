import assert from "node:assert/strict";
import { test } from "node:test";
import { Acknowledgements } from "../client/acknowledgements.ts";
import { WriteReport } from "../client/write-report.ts";
import type { RedisState, StateChange } from "../watch/master-report.ts";
import { Effects } from "./effects.ts";
import { outages } from "./outage.ts";
import type { RedisRun } from "./redis-runs.ts";
import { ReplicaProgress } from "./replica-progress.ts";
import { roleChanges, withoutCause } from "./role-changes.ts";
import { oldDataServed, servings } from "./serving.ts";
import type { ServingReport } from "./serving-watch.ts";
import { wrongWinners } from "./split-winner.ts";
import type { Touch } from "./untouched.ts";

/** What a round is checked for, besides lost writes. */

const end_ms = 20_000;

const change = (at_ms: number, server: string, state: RedisState): StateChange => ({ at_ms, server, state });

const readings = (holds: (at_ms: number) => boolean) =>
  Array.from({ length: end_ms / 20 }, (_, index) => ({
    holds: holds(20 * index),
    asked_ms: 20 * index,
    answered_ms: 20 * index,
  }));

/** `one` has the virtual IP until `until_ms`, and `other` from then on. */
const movesAt = (until_ms: number, lacksOld: (at_ms: number) => boolean = () => false): ServingReport => ({
  vip: new Map([
    ["one", readings((at_ms) => at_ms < until_ms)],
    ["other", readings((at_ms) => at_ms >= until_ms)],
  ]),
  lacksOld: new Map([["other", readings(lacksOld)]]),
});

test("a role change needs a fault within 5 s before it, if there was another change within 10 s", () => {
  const vip = new Map(["one", "other"].map((name) => [name, readings(() => true)]));
  const changes = [
    change(0, "one", "writable master"),
    change(0, "other", "replica"),
    change(1000, "one", "replica"),
    change(1000, "other", "writable master"),
    change(4000, "other", "replica"),
    change(4000, "one", "writable master"),
  ];
  const found = roleChanges(servings(changes, { vip, lacksOld: new Map() }, end_ms), changes);
  assert.deepEqual(
    found.map(({ from, to }) => `${from} ${to}`),
    ["one other", "other one"],
  );
  assert.deepEqual(withoutCause(found, [900, 3900]), []);
  assert.deepEqual(
    withoutCause(found, [900]).map(({ to }) => to),
    ["one"],
  );
  assert.deepEqual(withoutCause(found, [900], [{ start_ms: 3500, end_ms: 4500 }]), []);
});

test("a master that held writes back, or has served during all of a split, has not changed its role", () => {
  const vip = new Map(["one", "other"].map((name) => [name, readings(() => true)]));
  const changes = [
    change(0, "one", "writable master"),
    change(0, "other", "replica"),
    change(1000, "other", "writable master"),
    change(2000, "other", "replica"),
    change(3000, "one", "fenced master"),
    change(3500, "one", "writable master"),
  ];
  assert.equal(roleChanges(servings(changes, { vip, lacksOld: new Map() }, end_ms), changes).length, 1);
});

test("old data counts only while it is served", () => {
  const changes = [change(0, "other", "writable master")];
  const found = (from_ms: number, lacksOld: (at_ms: number) => boolean) =>
    oldDataServed(servings(changes, movesAt(from_ms, lacksOld), end_ms), movesAt(from_ms, lacksOld));
  assert.equal(
    found(1000, (at_ms) => at_ms < 1000),
    undefined,
  );
  assert.equal(found(1000, (at_ms) => at_ms < 1500)?.server, "other");
  const always = movesAt(1000, () => true);
  assert.equal(oldDataServed(servings(changes, always, end_ms), always, 1100), undefined);
  assert.equal(oldDataServed(servings(changes, always, end_ms), always, 2000)?.end_ms, 2000);
});

const run = (server: string, isMaster: (at_ms: number) => boolean): RedisRun => ({
  server,
  runId: server,
  number: 1,
  samples: Array.from({ length: end_ms / 10 }, (_, index) => ({
    asked_ms: 10 * index,
    answered_ms: 10 * index + 1,
    master: isMaster(10 * index),
    keys: 0,
    offsetCounts: true,
    id: "a",
    offset: 0,
    previous: undefined,
  })),
});

test("an outage counts if a server with the data from before the round could serve", () => {
  const changes = [change(0, "one", "none"), change(0, "other", "replica"), change(9000, "other", "writable master")];
  const served = servings(changes, movesAt(0), end_ms);
  const course = { begin_ms: 100, repaired_ms: 2000, end_ms, touches: [] as Touch[] };
  const touched = { ...course, touches: [{ at_ms: 100, kind: "cut-link", server: "one" }] as Touch[] };
  const outage = (runs: RedisRun[]) => outages(touched, served, changes, runs)[0];
  assert.deepEqual(outage([run("other", () => false)]), { start_ms: 2000, end_ms: 9000, server: "other" });
  const restarted = { ...run("other", () => false) };
  restarted.samples = restarted.samples.slice(100);
  // What is left is the time after the last reading.
  assert.equal(outage([restarted])?.start_ms, end_ms - 20);
  // Before the repair it counts, too, until something happens to that server.
  const ofPeer: Touch = { at_ms: 200, kind: "kill-redis", server: "one" };
  const begins = (touches: Touch[], more: Partial<RedisRun["samples"][number]> = {}) => {
    const other = run("other", () => false);
    other.samples = other.samples.map((sample) => (sample.asked_ms < 1000 ? sample : { ...sample, ...more }));
    return outages({ ...course, repaired_ms: 8000, touches }, served, changes, [other])[0];
  };
  assert.deepEqual(begins([ofPeer]), { start_ms: 100, end_ms: 9000, server: "other" });
  assert.equal(begins([ofPeer, { at_ms: 300, kind: "drain", server: "other" }])?.start_ms, 8000);
  assert.equal(begins([ofPeer], { copies: true })?.end_ms, 9000);
  assert.equal(begins([ofPeer], { copies: true })?.start_ms, 8000);
});

test("a kind of fault that was planned often and never had an effect fails a long run", () => {
  const effects = new Effects();
  for (let number = 0; number < 5; number++) {
    effects.add("kill-hook", false);
    effects.add("drain", number === 3);
  }
  assert.deepEqual(effects.inVain(49), []);
  assert.deepEqual(effects.inVain(50), ["kill-hook"]);
  assert.equal(String(effects), "drain 1 of 5, kill-hook 0 of 5");
});

test("the winner of a split is the server that the clients wrote to", () => {
  const acks = new Acknowledgements();
  for (let key = 0; key < 1000; key++) acks.add(key, 1000 + key, key % 10 === 0 ? 0 : 1);
  const report = new WriteReport(acks, { keyPrefix: "w", db: 0, valueBytes: 0 }, {}, ["one", "other"]);
  const cut = { start_ms: 1000, end_ms: 2000 };
  const until = (at_ms: number) => at_ms > 1200 && at_ms < 2100;
  const always = () => true;
  assert.deepEqual(wrongWinners([run("one", until), run("other", always)], [cut], [report]), []);
  const [found] = wrongWinners([run("one", always), run("other", until)], [cut], [report]);
  assert.match(found ?? "", /one stayed master with 100 writes of clients, and other had 900/);
  const crashed = { ...run("other", until), crash: { at_ms: 2050, cause: "kill -9" } };
  assert.deepEqual(wrongWinners([run("one", always), crashed], [cut], [report]), []);
  // It was promoted at 1800, and has what the other one had taken until 1900.
  const promoted = run("other", (at_ms) => at_ms > 1800);
  promoted.samples = promoted.samples.map((sample) => ({ ...sample, id: "b", previous: { id: "a", until: 1900 } }));
  const before = run("one", (at_ms) => at_ms < 2100);
  before.samples = before.samples.map((sample) => ({ ...sample, offset: sample.asked_ms }));
  const swapped = new WriteReport(acks, { keyPrefix: "w", db: 0, valueBytes: 0 }, {}, ["other", "one"]);
  assert.deepEqual(wrongWinners([before, promoted], [cut], [swapped]), []);
  const parted = promoted.samples.map((sample) => ({ ...sample, previous: { id: "a", until: 1200 } }));
  assert.equal(wrongWinners([before, { ...promoted, samples: parted }], [cut], [swapped]).length, 1);
  // It was asked before the reconnection, and answered after it, just before it was demoted.
  const hung = run("other", (at_ms) => at_ms > 1200 && at_ms < 2420);
  hung.samples = hung.samples
    .filter(({ asked_ms }) => asked_ms <= 1300 || asked_ms > 2400)
    .map((sample) => (sample.asked_ms === 1300 ? { ...sample, answered_ms: 2400 } : sample));
  assert.deepEqual(wrongWinners([run("one", always), hung], [cut], [report]), []);
});

test("a replica that catches up slowly is on its way; one that applies nothing stands still", () => {
  const slow = new ReplicaProgress(1000, [0], 0);
  for (let now_ms = 0; now_ms < 5000; now_ms += 100) assert.equal(slow.see([now_ms / 10], now_ms), false);
  assert.equal(slow.see([1000], 5000), true);
  assert.equal(slow.stopped_ms, 0);
  const paused = new ReplicaProgress(1000, [1200, 400], 0);
  for (let now_ms = 0; now_ms < 5000; now_ms += 100) assert.equal(paused.see([1200, 400], now_ms), false);
  assert.equal(paused.see([1200, 1300], 5000), true);
  assert.equal(paused.stopped_ms, 4900);
});
