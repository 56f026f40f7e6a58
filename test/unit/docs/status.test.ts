import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { findingsTable } from "../../../src/decide/status/findings.ts";
import { statusReport } from "../../../src/decide/status/report.ts";
import type { StatusReport } from "../../../src/model/status.ts";
import { gathered, worlds } from "../decide/status/gathered.ts";
import { documentedKeys, keysIn } from "./json-keys.ts";

const page = readFileSync(new URL("../../../docs/status.md", import.meta.url), "utf8");
const schema = page.slice(page.indexOf("## JSON"));

const reports: StatusReport[] = Object.values(worlds).flatMap((world) =>
  (["server11", "server12"] as const).map((from) => statusReport(gathered(world, from))),
);

it("docs/status.md has every field that --json prints in any situation", () => {
  const documented = documentedKeys(schema);
  assert.deepEqual(
    [...new Set(keysIn(reports))].filter((key) => !documented.has(key)),
    [],
  );
});

it("docs/status.md has every datum of a node in its table, and no other", () => {
  const table = [...schema.matchAll(/^\| `(\w+)` \|/gm)].map(([, datum = ""]) => datum);
  const node = reports[0]?.nodes[0];
  assert.ok(node);
  const data = Object.keys(node).filter((key) => !["name", "address", "here"].includes(key));
  assert.deepEqual(table.filter((one) => !["broken", "nodes", "reach", "findings"].includes(one)).sort(), data.sort());
});

it("docs/status.md has the version of the schema", () => {
  for (const { version } of reports) assert.match(schema, new RegExp(`\`version\` is ${version};`));
});

it("docs/status.md has every cause of a finding, and no other", () => {
  const causes = findingsTable.flatMap(({ when }) =>
    [...when.matchAll(/\(`([\w-]+)`\)/g)].map(([, cause = ""]) => cause),
  );
  const [, list = ""] = /The `cause` of a finding is one of ([^.]+)\./.exec(schema) ?? [];
  const documented = [...list.matchAll(/`([\w-]+)`/g)].map(([, cause = ""]) => cause);
  assert.deepEqual(documented.sort(), [...new Set([...causes, "good"])].sort());
  for (const { findings } of reports) for (const { cause } of findings) assert.ok(documented.includes(cause), cause);
});
