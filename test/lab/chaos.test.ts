import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { roundOf } from "./chaos/generate.ts";
import { LossCauses } from "./chaos/loss-causes.ts";
import { planInWords, planOfWords } from "./chaos/plan.ts";
import type { RedisRun } from "./chaos/redis-runs.ts";
import { chaos } from "./chaos/run.ts";

/** Some rounds of `npm run chaos`, and tests of how it judges lost writes. */

const short = [
  { seed: 3, from: 6, rounds: 2, profile: "hooks", faults: "classic" },
  { seed: 7, from: 4, rounds: 1, profile: "hooks", faults: "all" },
  { seed: 7, from: 3, rounds: 1, profile: "agent", faults: "all" },
] as const;

for (const { seed, ...which } of short) {
  test(`random faults, seed ${seed}, ${which.profile}, ${which.faults}: every acknowledged write is on the master, in a dump, or was in flight`, async () => {
    const lines: string[] = [];
    const print = (text: string) => lines.push(text);
    const totals = await chaos({ seed, ...which, keepGoing: false, print });
    assert.equal(totals.failed, 0, lines.join("\n"));
    console.log(`  seed ${seed}: ${totals.acknowledged} acknowledged; ${JSON.stringify(totals.explained)}`);
  });
}

test("a split with clients on both sides: their writes are applied, or listed as conflicts", async () => {
  const lines: string[] = [];
  const print = (text: string) => lines.push(text);
  const plan = planOfWords("@100 cut-off-silently master for 3000; heal @4000 network,redis,keepalived");
  const one = { seed: 1, from: 1, rounds: 1, keepGoing: false, profile: "agent", faults: "classic" } as const;
  const totals = await chaos({ ...one, plan, divergedWrites: "apply", print });
  assert.equal(totals.failed, 0, lines.join("\n"));
  assert.ok(totals.applied > 50, `only ${totals.applied} writes were applied`);
  assert.deepEqual(Object.keys(totals.explained), ["a conflict: both sides changed this key"]);
});

test("a seed's rounds are the same each time, and a plan is the same when read back from its words", () => {
  const words = new Set<string>();
  for (let round = 1; round <= 200; round++) {
    const set = { faults: round % 2 ? "classic" : "all", withAgents: round % 3 === 0 } as const;
    const plan = roundOf(1, round, set);
    assert.deepEqual(roundOf(1, round, set), plan);
    assert.deepEqual(planOfWords(planInWords(plan)), plan);
    words.add(planInWords(plan));
  }
  assert.equal(words.size, 200);
  assert.throws(() => planOfWords("@0 kill-redis everybody"), /can't read "@0 kill-redis everybody"/);
});

test("a seed of --faults classic has the same rounds as when findings.md was written", () => {
  const hash = createHash("sha256");
  for (let round = 1; round <= 200; round++)
    for (const withAgents of [false, true])
      hash.update(planInWords(roundOf(82, round, { faults: "classic", withAgents })));
  assert.equal(hash.digest("hex"), "6e7d5a94f3c9328da155198efd4476859ea0d2795e66986c7d50c3cde9754bdd");
});

/** A run of Redis with a sample every 10 ms: a master that takes 100 bytes between two, or a replica so many bytes behind it. */
function redisRun(server: string, master: boolean, behind: number, until_ms: number): RedisRun {
  const samples = Array.from({ length: until_ms / 10 }, (_, index) => ({
    asked_ms: 10 * index,
    answered_ms: 10 * index + 1,
    master,
    keys: index,
    offsetCounts: true,
    id: "a",
    offset: Math.max(0, 100 * index - behind),
    previous: undefined,
  }));
  return { server, runId: server, number: 1, samples };
}

test("the loss of a write is explained only if its master was ended and no survivor is known to have had the write", () => {
  const ended = { at_ms: 1000, cause: "kill -9 of one" };
  const master = { ...redisRun("one", true, 0, 1000), crash: ended };
  const replica = redisRun("other", false, 500, 2000);
  // The last offset of the replica is what the master had at 940 ms.
  replica.samples.forEach((sample) => {
    sample.offset = Math.min(sample.offset, 9400);
  });
  const lossCauses = new LossCauses([master, replica]);
  assert.deepEqual(lossCauses.ofWrite(960, "one"), { cause: "in flight: kill -9 of one", ended_ms: 1000 });
  assert.match(JSON.stringify(lossCauses.ofWrite(900, "one")), /other .* had it and was not ended/);
  assert.match(JSON.stringify(lossCauses.ofWrite(1700, "one")), /had ended before the write/);
  assert.match(JSON.stringify(lossCauses.ofWrite(960, "nobody")), /an unknown server/);
  const alive = new LossCauses([{ ...redisRun("one", true, 0, 2000) }, replica]);
  assert.match(JSON.stringify(alive.ofWrite(960, "one")), /the test did not end that Redis/);
  const both = new LossCauses([master, { ...replica, crash: { at_ms: 1900, cause: "kill -9 of other" } }]);
  assert.deepEqual(both.ofWrite(900, "one"), { cause: "on two servers, both ended: kill -9 of one", ended_ms: 1000 });
  assert.deepEqual(both.ofWrite(960, "one"), { cause: "in flight: kill -9 of one", ended_ms: 1000 });
});

test("a restarted server that still had the write, and was ended, is no survivor", () => {
  const ended = { at_ms: 1000, cause: "kill -9 of one" };
  const master = { ...redisRun("one", true, 0, 1000), crash: ended };
  const replica = redisRun("other", false, 0, 1000);
  const restarted = { ...redisRun("other", false, 0, 1000), runId: "again", number: 2 };
  const explain = (next: RedisRun) => new LossCauses([master, replica, next]).ofWrite(700, "one");
  assert.match(JSON.stringify(explain(restarted)), /other .* had it and was not ended/);
  assert.ok("cause" in explain({ ...restarted, crash: { at_ms: 2000, cause: "kill -9 of other" } }));
  const emptied = restarted.samples.map((sample) => ({ ...sample, id: "z" }));
  const later = { ...restarted, samples: emptied, crash: { at_ms: 2000, cause: "kill -9 of other" } };
  assert.match(JSON.stringify(explain(later)), /other .* had it and was not ended/);
});

test("the end of a server does not explain the loss of what it had replaced before", () => {
  const one = { ...redisRun("one", true, 0, 1000), crash: { at_ms: 1000, cause: "kill -9 of one" } };
  for (const sample of one.samples.slice(80)) Object.assign(sample, { id: "b", offset: 50, master: false });
  const found = new LossCauses([one, redisRun("other", false, 0, 10)]).ofWrite(700, "one");
  assert.match(JSON.stringify(found), /had replaced its data set before it ended/);
});
