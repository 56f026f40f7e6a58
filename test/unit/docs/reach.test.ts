import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cells, suites } from "../../reach/cells.ts";
import { pageOf } from "../../reach/page.ts";
import { type Reach, readReach } from "../../reach/record.ts";

test("docs/reach.md is what npm run reach -- --page makes of docs/reach.json", () => {
  assert.equal(readFileSync(new URL("../../../docs/reach.md", import.meta.url), "utf8"), pageOf(readReach()));
});

test("the page says what was not run, and names what failed, was skipped or could not be run", () => {
  const [cell] = cells;
  assert.ok(cell);
  const run = { date: "2026-01-02", commit: "abc", seconds: 1, passed: 3, failed: [], again: [], skipped: [] };
  const reach: Reach = {
    [cell.name]: {
      versions: { keepalived: "2.2.7" },
      runs: {
        config: run,
        redis: { ...run, failed: ["writes are kept"], again: ["too late"], skipped: ["as root"] },
        settings: { ...run, passed: 0, listed: [], broken: "exit 1" },
      },
    },
  };
  const page = pageOf(reach);
  const row = page.split("\n").find((line) => line.includes(`\`${cell.name}\``)) ?? "";
  const [, , , config, redis, lab, settings, upgrade] = row.split("|").map((text) => text.trim());
  assert.deepEqual(
    { config, redis, lab, settings, upgrade },
    {
      config: "3 passed, 2026-01-02, `abc`",
      redis: "**1 failed**, 3 passed, 1 skipped, 2026-01-02, `abc`",
      lab: "not run",
      settings: "broken off, 2026-01-02, `abc`",
      upgrade: "-",
    },
  );
  assert.match(page, new RegExp(`^- \`${cell.name}\`, ${suites.redis.title}: failed: writes are kept$`, "m"));
  assert.match(page, new RegExp(`^- \`${cell.name}\`, ${suites.redis.title}: skipped: as root$`, "m"));
  assert.match(page, /passed at the second attempt, by itself: too late$/m);
  assert.match(page, /no result: exit 1$/m);
});
