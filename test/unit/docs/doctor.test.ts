import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { doctorLines } from "../../../src/admin/doctor/text.ts";
import { predictionCheck } from "../../../src/decide/doctor/prediction.ts";
import { doctorReport } from "../../../src/decide/doctor/report.ts";
import type { DoctorReport } from "../../../src/model/doctor-report.ts";
import { faults } from "../../lab/doctor/faults.ts";
import { good, nodeOf, setting } from "../decide/doctor/facts.ts";
import { documentedKeys, keysIn } from "./json-keys.ts";

const page = readFileSync(new URL("../../../docs/doctor.md", import.meta.url), "utf8");

function faulty(): DoctorReport {
  const facts = good();
  nodeOf(facts, 0).follows = [{ to: "server12", login: { value: { error: "WRONGPASS" } } }];
  nodeOf(facts, 1).keepalived = { unknown: "server12 told nothing: no answer within 1 s" };
  setting(facts, 1, "repl-diskless-sync-delay", "5");
  return doctorReport(facts);
}

it("docs/doctor.md has the output as it is printed", () => {
  const printed = doctorLines(faulty(), false).map((line) => `    ${line}\n`);
  assert.ok(page.includes(printed.join("")), printed.join(""));
});

it("docs/doctor.md has the prediction as it is printed", () => {
  const printed = doctorLines(doctorReport(good(), [predictionCheck]), true).map((line) => `    ${line}\n`);
  assert.ok(page.includes(printed.join("")), printed.join(""));
});

it("docs/doctor.md has the version of the schema", () => {
  assert.ok(page.includes(`\`version\` (${faulty().version})`));
});

it("docs/doctor.md has every field that --json prints", () => {
  const documented = documentedKeys(page.slice(page.indexOf("## JSON")));
  const missing = [...new Set(keysIn(faulty()))].filter((key) => !documented.has(key));
  assert.deepEqual(missing, []);
});

/** What the finding of a planted fault is to say, without the signs of a regular expression. */
const said = (what: RegExp): string => what.source.replaceAll(/\\d\+/g, "…").replaceAll(/\\(.)/g, "$1");

it("docs/doctor.md lists the faults that are planted in the lab, in their order", () => {
  const rows = faults.map(({ check, what }) => `| \`${check}\` | ${said(what)} |`);
  const table = ["| check | what it finds |", "|---|---|", ...rows, ""].join("\n");
  assert.ok(page.includes(table), table);
  assert.ok(page.includes(`plants ${faults.length} faults`), String(faults.length));
});
