import type { LogLine, NodeRows, RowKind, Span } from "../../model/timeline.ts";
import { type Change, changes, letThrough } from "./changes.ts";

export const rowKinds: readonly RowKind[] = ["role", "vip", "writable", "link"];
const unknown = "?";

/** `at_ms`: since the first line. */
type Timed = Change & { at_ms: number };

/** The states of each node while an incident lasted. What the logs do not tell is "?". */
export function rowsOf(lines: readonly LogLine[], nodes: readonly string[]): NodeRows[] {
  const begin_ms = lines[0]?.at_ms ?? 0;
  const end_ms = (lines.at(-1)?.at_ms ?? 0) - begin_ms;
  const all = byRole(
    lines.flatMap((line) => changes(line, lines).map((change) => ({ ...change, at_ms: line.at_ms - begin_ms }))),
  );
  const rows = nodes.map((node) => {
    const row = (kind: RowKind): Span[] =>
      spans(
        all.filter((one) => one.node === node && one.row === kind),
        end_ms,
      );
    return { node, role: row("role"), vip: row("vip"), writable: row("writable"), link: row("link") };
  });
  for (const row of rows) assumeFromOther(row, rows);
  return rows;
}

/** Writes that are let through are taken by a master only. */
function byRole(all: readonly Timed[]): Timed[] {
  return all.map((change, index) => {
    if (change.state !== letThrough) return change;
    const isRole = ({ node, row }: Timed) => node === change.node && row === "role";
    const until = all.slice(0, index).findLast((one) => isRole(one) && !one.before);
    const role = (until ?? all.find((one) => isRole(one) && one.before))?.state;
    return { ...change, state: role === "master" ? "yes" : "no" };
  });
}

/** Of two nodes one was master and the other its replica, where the log of one of them is missing. */
function assumeFromOther(row: NodeRows, rows: readonly NodeRows[]): void {
  const other = rows.find((one) => one !== row)?.role[0]?.state;
  const [role] = row.role;
  const [writable] = row.writable;
  if (rows.length !== 2 || role?.state !== unknown || (other !== "master" && other !== "replica")) return;
  role.state = other === "master" ? "replica" : "master";
  if (writable?.state === unknown) writable.state = other === "master" ? "no" : "yes";
}

function spans(changed: readonly Timed[], end_ms: number): Span[] {
  // A verdict names the one before it, which is older than what the other lines of the incident tell.
  const start = changed.find(({ before }) => before)?.state ?? unknown;
  const found: Span[] = [{ from_ms: 0, to_ms: end_ms, state: start }];
  for (const { at_ms, state, before } of changed) {
    const last = found.at(-1);
    if (before || !last || last.state === state) continue;
    last.to_ms = at_ms;
    found.push({ from_ms: at_ms, to_ms: end_ms, state });
  }
  // What was before the very first line tells what was lost by it.
  const shown = (span: Span, index: number) => span.to_ms > span.from_ms || index === found.length - 1;
  return found.filter((span, index) => shown(span, index) || (index === 0 && start !== unknown));
}
