import type { Cost, LogLine, NodeRows, Span } from "../../model/timeline.ts";
import { numberOf, textOf } from "./log-lines.ts";

/** What an incident cost, as far as the log tells. */
export function costOf(lines: readonly LogLine[], rows: readonly NodeRows[]): Cost {
  const kept = lines.filter((line) => textOf(line, "step") === "quarantine" && textOf(line, "file") !== "");
  const atStake = lines.flatMap((line) => numberOf(line, "bytes_at_stake") ?? []);
  const missing = lines.map((line) => textOf(line, "missing")).filter((text) => text !== "");
  const { no_writes_ms, two_writable_ms } = writable(rows.map((row) => row.writable));
  // A hand-over pauses the writes of the old master, which no line of that one tells.
  const paused_ms = Math.max(0, ...lines.map((line) => Math.round(numberOf(line, "paused_ms") ?? 0)));
  return {
    no_writes_ms: no_writes_ms === null ? null : Math.max(no_writes_ms, paused_ms),
    two_writable_ms,
    bytes_at_stake: atStake.length > 0 ? Math.max(...atStake) : null,
    missing: [...new Set(missing)],
    kept: kept.map((line) => ({ node: line.node, file: textOf(line, "file"), what: whatWasKept(line) })),
  };
}

function whatWasKept(line: LogLine): string {
  const writes = numberOf(line, "writes");
  if (writes !== undefined) return `${writes} writes and ${numberOf(line, "deletions") ?? 0} deletions`;
  const keys = numberOf(line, "keys");
  return keys === undefined ? line.message : `a dump with ${keys} keys`;
}

/** How long no node is known to have taken writes, and how long more than one is. Null: none is known to at any time. */
function writable(rows: readonly Span[][]): Pick<Cost, "no_writes_ms" | "two_writable_ms"> {
  const taking = rows.flat().filter(({ state }) => state === "yes");
  if (taking.length === 0) return { no_writes_ms: null, two_writable_ms: null };
  const moments = [...new Set(rows.flat().flatMap((span) => [span.from_ms, span.to_ms]))].sort((a, b) => a - b);
  let none = 0;
  let two = 0;
  for (const [index, to_ms] of moments.entries()) {
    const begin_ms = moments[index - 1] ?? 0;
    const at = taking.filter((span) => span.from_ms <= begin_ms && span.to_ms >= to_ms).length;
    if (at === 0) none += to_ms - begin_ms;
    if (at > 1) two += to_ms - begin_ms;
  }
  return { no_writes_ms: none, two_writable_ms: two };
}
