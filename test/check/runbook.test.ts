import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { written } from "../../scripts/decisions.ts";
import { eventEntries } from "../../scripts/runbook/events.ts";
import { doctorEntries, statusEntries } from "../../scripts/runbook/findings.ts";
import { causesOf, checkNames } from "../../scripts/runbook/index.ts";
import { refusalEntries } from "../../scripts/runbook/refusal-entries.ts";
import { refusalsIn, refusalsInCode } from "../../scripts/runbook/refusals.ts";
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

  it("that passes the words of another on is none", () => {
    assert.deepEqual(found("throw new CommandRefused(error.message, { remedy: error.remedy })"), []);
  });
});
