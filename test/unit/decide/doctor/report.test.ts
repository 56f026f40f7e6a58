import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { it } from "node:test";
import { predict } from "../../../../src/decide/doctor/prediction.ts";
import { checksTable, doctorReport } from "../../../../src/decide/doctor/report.ts";
import { good, none } from "./facts.ts";

it("each check has a name of its own and a page of docs/", () => {
  const names = checksTable.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  for (const { name, page } of checksTable) {
    assert.match(name, /^[a-z-]+$/);
    assert.match(page, /^docs\/.+\.md$/);
    assert.ok(existsSync(new URL(`../../../../${page}`, import.meta.url)), page);
  }
});

it("checks that measure for a second or two say so, for `--only` to spare that time", () => {
  const measuring = checksTable.filter(({ measures }) => measures).map(({ name }) => name);
  assert.deepEqual(measuring, ["backlog-size", "output-buffer", "router-id", "vrrp", "arp"]);
});

it("predicts by the profile of this host, and nothing where that is not known", () => {
  const predicted = (conf: "agent" | "hooks" | "none" | "unknown") => {
    const facts = good();
    const { keepalivedConf } = facts.host;
    if (conf === "unknown") facts.host.keepalivedConf = none;
    else if ("value" in keepalivedConf) keepalivedConf.value.profile = conf === "none" ? undefined : conf;
    return doctorReport(facts).prediction;
  };
  const { timing } = good();
  assert.deepEqual(predicted("agent"), predict(timing, "agent"));
  assert.deepEqual(predicted("hooks"), predict(timing, "hooks"));
  assert.deepEqual([predicted("none"), predicted("unknown")], [null, null]);
});
