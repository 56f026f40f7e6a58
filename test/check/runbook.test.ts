import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { written } from "../../scripts/decisions.ts";
import { eventEntries } from "../../scripts/runbook/events.ts";
import { doctorEntries, statusEntries } from "../../scripts/runbook/findings.ts";
import { causesOf, checkNames } from "../../scripts/runbook/index.ts";
import { refusalEntries } from "../../scripts/runbook/refusal-entries.ts";
import { classes, passedOnIn, passedOnInCode, refusalsIn, refusalsInCode } from "../../scripts/runbook/refusals.ts";
import { runbook, runbookPage } from "../../scripts/runbook.ts";

const root = new URL("../..", import.meta.url).pathname;
const code = ["bin", "src"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(root, folder, file), "utf8")),
  )
  .join("\n");

/** The events that the code logs at level warn or error, as far as the level stands beside the event. */
const warned = new Set(
  [
    /\.(?:warn|error)\(\s*"([\w-]+)"/g,
    /level: "(?:warn|error)",\s*event: "([\w-]+)"/g,
    // logOutcome: one call for two events.
    /\.error\(\s*result === "refused" \? "([\w-]+)" : "transition-failed"/g,
  ].flatMap((form) => [...code.matchAll(form)].map(([, event = ""]) => event)),
);

// Their level is worked out: by the verdict, or by how often a failback was given up.
const levelWorkedOut = ["verdict", "failback-given-up", "log-failed", "transition-failed"];

const refusals = refusalsInCode();

/** The places that refuse in the words of another place, each with where those are found. */
const passedOn = [
  // A drill that failed (put-back.ts, and the step) or lost writes (docs/drill.md).
  "bin/drill.ts: report.conclusion",
  // apply.ts and what it calls.
  "src/admin/diverged/apply-again.ts: (error as Error).message",
  // The tables of src/decide: may-start.ts, adoption.ts, recovery.ts, switchover.ts.
  "src/admin/drill/inspect.ts: start.refusal.cause",
  "src/admin/drill/probe-client.ts: first.message",
  // Of otherManager, beside it.
  "src/admin/init/other-manager.ts: found.cause",
  "src/admin/init/prepare.ts: found.refusal.cause",
  "src/admin/preflight.ts: found.refusal.cause",
  "src/admin/switchover.ts: found.refusal.cause",
  "src/admin/switchover.ts: found.refusal.cause",
  // put-back.ts
  "src/admin/drill/put-things-back.ts: next.because",
  // A StepRefused, a DeadlinePassed, a CommandFailed; an Unreachable is a server that `status` does not see either.
  "src/admin/user-errors.ts: error.message",
  "src/admin/user-errors.ts: error.message",
  "src/admin/user-errors.ts: error.message",
  // The findings of status and of doctor.
  "src/decide/drill/may-start.ts: text",
  `src/decide/drill/may-start.ts: \`\u0024{found.check}: \u0024{found.what}\u0024{others}\``,
  // The rows of its table.
  "src/decide/drill/may-start.ts: facts",
];

describe("docs/runbook.md", () => {
  it("has the index that the code gives (npm run decisions writes it)", () => {
    assert.equal(written(runbookPage), runbook());
  });

  it("has each event that is logged as a warning or an error, and no other", () => {
    assert.ok(warned.size > 20, [...warned].join());
    const entries = Object.entries(eventEntries).flatMap(([event, entry]) => (entry === "info" ? [] : [event]));
    assert.deepEqual(entries.sort(), [...new Set([...warned, ...levelWorkedOut])].sort());
  });

  it("has each refusal in the code, and no other", () => {
    assert.ok(refusals.length > 50);
    assert.deepEqual([...new Set(refusals.map(({ cause }) => cause))].sort(), Object.keys(refusalEntries).sort());
  });

  it("knows where the words of the other refusals are", () => {
    assert.deepEqual(passedOnInCode().sort(), [...passedOn].sort());
  });

  it("knows each class of refusals", () => {
    const extending = [...code.matchAll(/class (\w+) extends (\w+)/g)].flatMap(([, name = "", base = ""]) =>
      classes.has(base) ? [name] : [],
    );
    for (const name of extending) assert.ok(classes.has(name), name);
  });

  it("says what to do about each refusal", () => {
    for (const { cause, remedy, file } of refusals)
      assert.ok(remedy ?? refusalEntries[cause]?.todo, `${file}: ${cause}`);
  });

  it("has each check of doctor and each cause of status, and no other", () => {
    assert.deepEqual(Object.keys(doctorEntries).sort(), checkNames().sort());
    assert.deepEqual(Object.keys(statusEntries).sort(), [...new Set(causesOf())].sort());
  });
});

describe("a refusal in the code", () => {
  const found = (text: string) => refusalsIn("x.ts", text).map(({ cause, remedy }) => [cause, remedy]);

  it("is found with its words", () => {
    assert.deepEqual(found('throw new CommandRefused(`no \u0024{a} in \u0024{b}`, { remedy: "name one" })'), [
      ["no … in …", "name one"],
    ]);
    assert.deepEqual(found('throw new StepRefused("full", `make room in \u0024{folder}`)'), [
      ["full", "make room in …"],
    ]);
    assert.deepEqual(found('refused(a ? "one" : `two \u0024{b}`, remedies[why])'), [["one, or: two …", undefined]]);
  });

  it("of a plan stands after its row", () => {
    const row =
      '({ when: "nobody answers: refuse", plan: () => ({ refusal: { cause: `no \u0024{x}`, remedy: "wait" } }) })';
    assert.deepEqual(found(row), [["nobody answers: refuse: no …", "wait"]]);
  });

  it("is found in a function, in what a table decides, and in any other object with a remedy", () => {
    assert.deepEqual(
      found("({ refusal: ({ on }) => (on ? undefined : { cause: `no \u0024{on}`, remedy: `name \u0024{on}` }) })"),
      [["no …", "name …"]],
    );
    assert.deepEqual(found('({ refusal(facts) { return { cause: "no", remedy: facts.remedy }; } })'), [
      ["no", undefined],
    ]);
    assert.deepEqual(found('({ do: "leave", because: "alone", remedy: "`status`" })'), [["alone", "`status`"]]);
    assert.deepEqual(found('const not = (why) => ({ is: "refused", cause: `not \u0024{why}`, remedy })'), [
      ["not …", undefined],
    ]);
  });

  it("that passes the words of another on is none", () => {
    for (const [text, words] of [
      ["throw new CommandRefused(error.message, { remedy: error.remedy })", "error.message"],
      ["({ refusal: (facts) => ({ cause: facts.why, remedy: `wait` }) })", "facts.why"],
      ["const none = (cause, remedy) => ({ cause, remedy })", "cause"],
      ["({ cause: `\u0024{a}: \u0024{b}`, remedy })", "`\u0024{a}: \u0024{b}`"],
    ] as const) {
      assert.deepEqual(found(text), []);
      assert.deepEqual(passedOnIn("x.ts", text), [`x.ts: ${words}`]);
    }
    assert.deepEqual(passedOnIn("x.ts", "const refused = (cause, remedy) => ({ refusal: { cause, remedy } })"), []);
  });
});
