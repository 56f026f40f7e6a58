import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { fit, healthTable, withDrain } from "../../../src/decide/verdict.ts";
import { peersTable } from "../../../src/decide/verdict-with-peers.ts";
import type { Rejected, UnreachableCause } from "../../../src/model/observation.ts";

const silences: Record<UnreachableCause, true> = {
  refused: true,
  timeout: true,
  closed: true,
  "no-route": true,
  garbage: true,
  tls: true,
};
const rejections: Record<Rejected["why"], true> = { password: true, permission: true, full: true, busy: true };

/** The causes that the rows of a table name, in brackets. */
const named = (table: readonly { when: string }[]): string[] =>
  table.flatMap(({ when }) =>
    [...when.matchAll(/\((`[^)]+)\)/g)].flatMap(([, list = ""]) =>
      [...list.matchAll(/`([^`]+)`/g)].map(([, cause = ""]) => cause),
    ),
  );

it("docs/monitor.md has every cause of a verdict, and no other", () => {
  const page = readFileSync(new URL("../../../docs/monitor.md", import.meta.url), "utf8");
  const cells = [...page.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = ""]) => cell);
  const documented = cells.flatMap((cell) => cell.replaceAll("`", "").split(", "));
  const causes = new Set([
    ...Object.keys(silences),
    ...Object.keys(rejections),
    ...named(healthTable),
    ...named(peersTable),
    withDrain(fit(""), true).cause,
    // What the monitor prints while an agent runs.
    "agent",
  ]);
  // A row that only asks the peers: it ends as `master` or `two-masters`.
  causes.delete("alone");
  assert.deepEqual(documented.sort(), [...causes].sort());
});
