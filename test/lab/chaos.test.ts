import assert from "node:assert/strict";
import { test } from "node:test";
import { Explanations } from "./chaos/explain.ts";
import { roundOf } from "./chaos/generate.ts";
import { planInWords, planOfWords } from "./chaos/plan.ts";
import { chaos } from "./chaos/run.ts";
import type { Life } from "./chaos/samples.ts";

/** The random fault run of `npm run chaos`, a few rounds of it; and that its judgement is right. */

const short = [
  { seed: 3, from: 6, rounds: 3 },
  { seed: 7, from: 3, rounds: 1 },
];

for (const { seed, from, rounds } of short) {
  test(`random faults, seed ${seed}: every acknowledged write is on the master, in a dump, or was in flight`, async () => {
    const said: string[] = [];
    const say = (text: string) => said.push(text);
    const totals = await chaos({ seed, from, rounds, keepGoing: false, profile: "hooks", say });
    assert.equal(totals.failed, 0, said.join("\n"));
    console.log(`  seed ${seed}: ${totals.acknowledged} acknowledged; ${JSON.stringify(totals.explained)}`);
  });
}

test("a seed's rounds are the same each time, and a plan is the same when read back from its words", () => {
  const words = new Set<string>();
  for (let round = 1; round <= 200; round++) {
    const plan = roundOf(1, round);
    assert.deepEqual(roundOf(1, round), plan);
    assert.deepEqual(planOfWords(planInWords(plan)), plan);
    words.add(planInWords(plan));
  }
  assert.equal(words.size, 200);
  assert.throws(() => planOfWords("@0 kill-redis everybody"), /can't read "@0 kill-redis everybody"/);
});

/** A look every 10 ms: a master that takes 100 bytes between two, or a replica that is so far behind it. */
function life(server: string, master: boolean, behind: number, until_ms: number): Life {
  const samples = Array.from({ length: until_ms / 10 }, (_, index) => ({
    asked_ms: 10 * index,
    answered_ms: 10 * index + 1,
    master,
    keys: index,
    counts: true,
    id: "a",
    offset: Math.max(0, 100 * index - behind),
    previous: undefined,
  }));
  return { server, runId: server, number: 1, samples };
}

test("a write is explained only when its master was ended and no survivor is known to have had it", () => {
  const ended = { at_ms: 1000, cause: "kill -9 of one" };
  const master = { ...life("one", true, 0, 1000), crash: ended };
  const replica = life("other", false, 500, 2000);
  // The replica's last place in the history, which nothing moved any more, is what the master had at 940 ms.
  replica.samples.forEach((sample) => {
    sample.offset = Math.min(sample.offset, 9400);
  });
  const explanations = new Explanations([master, replica]);
  assert.deepEqual(explanations.ofWrite(960, "one"), { cause: "in flight: kill -9 of one" });
  assert.match(JSON.stringify(explanations.ofWrite(900, "one")), /other .* had it and was never ended/);
  assert.match(JSON.stringify(explanations.ofWrite(1700, "one")), /had ended before/);
  assert.match(JSON.stringify(explanations.ofWrite(960, "nobody")), /no server that we know/);
  const alive = new Explanations([{ ...life("one", true, 0, 2000) }, replica]);
  assert.match(JSON.stringify(alive.ofWrite(960, "one")), /its Redis was never ended/);
  const both = new Explanations([master, { ...replica, crash: { at_ms: 1900, cause: "kill -9 of other" } }]);
  assert.deepEqual(both.ofWrite(900, "one"), { cause: "on two servers, both ended: kill -9 of one" });
  assert.deepEqual(both.ofWrite(960, "one"), { cause: "in flight: kill -9 of one" });
});

test("what a restarted server still had when it was ended is no survivor's", () => {
  const ended = { at_ms: 1000, cause: "kill -9 of one" };
  const master = { ...life("one", true, 0, 1000), crash: ended };
  const replica = life("other", false, 0, 1000);
  const restarted = { ...life("other", false, 0, 1000), runId: "again", number: 2 };
  const explain = (heir: Life) => new Explanations([master, replica, heir]).ofWrite(700, "one");
  assert.match(JSON.stringify(explain(restarted)), /other .* had it and was never ended/);
  assert.ok("cause" in explain({ ...restarted, crash: { at_ms: 2000, cause: "kill -9 of other" } }));
  const emptied = restarted.samples.map((sample) => ({ ...sample, id: "z" }));
  const later = { ...restarted, samples: emptied, crash: { at_ms: 2000, cause: "kill -9 of other" } };
  assert.match(JSON.stringify(explain(later)), /other .* had it and was never ended/);
});

test("what a server gave up before we ended it is not explained by its end", () => {
  const one = { ...life("one", true, 0, 1000), crash: { at_ms: 1000, cause: "kill -9 of one" } };
  for (const sample of one.samples.slice(80)) Object.assign(sample, { id: "b", offset: 50, master: false });
  const found = new Explanations([one, life("other", false, 0, 10)]).ofWrite(700, "one");
  assert.match(JSON.stringify(found), /had given its data set up before it ended/);
});
