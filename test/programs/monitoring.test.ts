import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { metricsTable } from "../../src/metrics/exposition.ts";
import { promtool, withoutPromtool } from "../promtool.ts";

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const text = (path: string): string => readFileSync(file(path), "utf8");
const [rules, tests, dashboard] = ["alerts.yml", "alerts.test.yml", "dashboard.json"].map(
  (name) => `monitoring/${name}`,
) as [string, string, string];

const folder = mkdtempSync(join(tmpdir(), "keepalived-redis-monitoring-"));
after(() => rmSync(folder, { recursive: true }));

const alerts = [...text(rules).matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = ""]) => name);
const ruleExpressions = [...text(rules).matchAll(/^ +expr: (.*)$/gm)].map(([, expr = ""]) => expr);

/** Each value of a field with one of these names, wherever it is. */
const valuesOf = (value: unknown, names: readonly string[]): string[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, one]) =>
        names.includes(name) && typeof one === "string" ? [one] : valuesOf(one, names),
      )
    : [];

const panels = (): string[] => valuesOf(JSON.parse(text(dashboard)), ["expr"]);
// As Grafana fills them in.
const filledIn = (expression: string): string =>
  expression.replaceAll("$__rate_interval", "5m").replaceAll("$cluster", ".*");

/** Which metrics an expression names, and the labels in its braces. */
const namesIn = (expression: string) =>
  [...expression.matchAll(/(keepalived_redis_\w+)(?:\{([^}]*)\})?/g)].map(([, name = "", labels = ""]) => ({
    name,
    labels: [...labels.matchAll(/(\w+)(?:=~|=|!=|!~)"/g)].map(([, label = ""]) => label),
  }));

describe("the alert rules and the dashboard", () => {
  it("name only metrics and labels that there are", () => {
    const all = [...ruleExpressions, ...panels()];
    assert.ok(all.length > 30);
    for (const expression of all)
      for (const { name, labels } of namesIn(expression)) {
        const metric = metricsTable.find((one) => one.name === name);
        assert.ok(metric, `${name} in ${expression}`);
        for (const label of labels)
          assert.ok(["cluster", "node", ...(metric.labels ?? [])].includes(label), expression);
      }
  });

  it("use every metric, but for those that only tell more", () => {
    const used = new Set([...ruleExpressions, ...panels()].flatMap(namesIn).map(({ name }) => name));
    const others = metricsTable.map(({ name }) => name).filter((name) => !used.has(name));
    const expected = ["kept_files", "master_link_up", "vrrp_state"].map((name) => `keepalived_redis_${name}`);
    assert.deepEqual(others.sort(), expected);
  });

  it("are tested: each alert has a case in which it fires, and is silent on a good pair", () => {
    const tested = [...text(tests).matchAll(/alertname: (\w+)\n/g)].map(([, name = ""]) => name);
    const silent = [...text(tests).matchAll(/alertname: (\w+), eval_time: 30m/g)].map(([, name = ""]) => name);
    assert.deepEqual([...new Set(tested)].sort(), alerts.toSorted());
    assert.deepEqual(silent.sort(), alerts.toSorted());
  });

  it("docs/alerting.md has every alert, and no other", () => {
    const documented = [...text("docs/alerting.md").matchAll(/^\| `(KeepalivedRedis\w+)` \|/gm)].map(
      ([, name = ""]) => name,
    );
    assert.deepEqual(documented.sort(), alerts.toSorted());
  });

  it("promtool accepts the rules", { skip: withoutPromtool }, () => {
    const { good, output } = promtool(["check", "rules", file(rules)]);
    assert.ok(good, output);
    assert.match(output, new RegExp(`${alerts.length} rules found`));
  });

  it("promtool finds that they fire as they should", { skip: withoutPromtool }, () => {
    const { good, output } = promtool(["test", "rules", file(tests)]);
    assert.ok(good, output);
  });

  it("promtool parses every expression of the dashboard", { skip: withoutPromtool }, () => {
    const asRules = panels().map((expr, index) => ({ record: `panel:${index}`, expr: filledIn(expr) }));
    // YAML reads JSON.
    const written = join(folder, "panels.yml");
    writeFileSync(written, JSON.stringify({ groups: [{ name: "panels", rules: asRules }] }));
    const { good, output } = promtool(["check", "rules", written]);
    assert.ok(good, output);
    assert.match(output, new RegExp(`${asRules.length} rules found`));
  });

  it("the dashboard has each panel at a place of its own", () => {
    const { panels: all } = JSON.parse(text(dashboard)) as {
      panels: { id: number; title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    for (const { title, gridPos: a } of all)
      for (const { title: other, gridPos: b } of all)
        if (title !== other)
          assert.ok(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, `${title}, ${other}`);
  });
});
