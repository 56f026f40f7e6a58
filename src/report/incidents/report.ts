import type { Incident, LogLine, TimelineReport } from "../../model/timeline.ts";
import { causeOf, firstShown } from "./cause.ts";
import { clockDifferences, corrected } from "./clocks.ts";
import { costOf } from "./cost.ts";
import { inOrder, parseLog } from "./log-lines.ts";
import { rowsOf } from "./rows.ts";
import { refusedIn, storyOf, whyOf } from "./story.ts";

// A repair by hand that takes longer is an incident of its own: it has another cause.
const quiet_ms = 30_000;
// Of a node that flaps all night a page with one picture would tell nothing.
const longest = 2000;
// What both nodes log of one thing comes within this time, in either order.
const together_ms = 500;

/** The incidents in the logs, in order of time. `since_ms`: those that ended before are left out. */
export function timelineReport(texts: readonly string[], since_ms: number): TimelineReport {
  const parsed = texts.map(parseLog);
  const read = inOrder(parsed.flatMap(({ lines }) => lines));
  const nodes = [...new Set(read.map(({ node }) => node))].sort();
  const clocks = clockDifferences(read, nodes);
  const lines = inOrder(corrected(read, clocks));
  const clusters = [...new Set(lines.map(({ cluster }) => cluster))].sort();
  const incidents = clusters
    .flatMap((cluster) => grouped(lines.filter((line) => line.cluster === cluster)))
    .filter((group) => (group.at(-1)?.at_ms ?? 0) >= since_ms)
    .sort((one, other) => (one[0]?.at_ms ?? 0) - (other[0]?.at_ms ?? 0))
    .map((group) => incidentOf(fromItsCause(group, nodes), nodes));
  return {
    version: 1,
    nodes,
    unreadable_lines: parsed.reduce((sum, { unreadable }) => sum + unreadable, 0),
    lines: lines.length,
    clocks,
    incidents,
  };
}

/** Lines with no long pause between them. A reminder of what was said in the group before belongs to it. */
function grouped(lines: readonly LogLine[]): LogLine[][] {
  const groups: LogLine[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    const same = (one: LogLine) => one.node === line.node && one.event === line.event && one.message === line.message;
    const soon = before && line.at_ms - before.at_ms <= quiet_ms;
    const reminder = before && line.level === "error" && same(before);
    if (last && last.length < longest && (soon || reminder)) last.push(line);
    else groups.push([line]);
  }
  return groups;
}

/** Without the lines before its cause: they are what an earlier incident has left, such as a BACKUP that changed nothing. */
function fromItsCause(lines: LogLine[], logged: readonly string[]): LogLine[] {
  const begin_ms = (firstShown(lines, logged)?.at_ms ?? 0) - together_ms;
  return lines.filter(({ at_ms }) => at_ms >= begin_ms);
}

function incidentOf(lines: LogLine[], logged: readonly string[]): Incident {
  const begin_ms = lines[0]?.at_ms ?? 0;
  const end_ms = lines.at(-1)?.at_ms ?? 0;
  const named = lines.flatMap(({ node, fields }) => [node, fields.peer, fields.at]);
  const nodes = [...new Set(named.filter((name): name is string => typeof name === "string" && name !== ""))].sort();
  const rows = rowsOf(lines, nodes);
  return {
    cluster: lines[0]?.cluster ?? "",
    begin: new Date(begin_ms).toISOString(),
    end: new Date(end_ms).toISOString(),
    duration_ms: end_ms - begin_ms,
    cause: causeOf(lines, logged),
    outcome: outcomeOf(rows),
    why: whyOf(lines),
    refused: refusedIn(lines),
    cost: costOf(lines, rows),
    rows,
    events: storyOf(lines),
  };
}

/** The roles at the end, and whether one of them is new. */
function outcomeOf(rows: Incident["rows"]): string {
  const masters = rows.filter(({ role }) => role.at(-1)?.state === "master");
  const names = masters.map(({ node }) => node).join(" and ");
  const others = rows
    .filter((row) => !masters.includes(row))
    .map(({ node, role }) => `${node} ${inWords[role.at(-1)?.state ?? ""] ?? "not known"}`);
  const [master, another] = masters;
  if (!master) return ["no master is known", ...others].join(", ");
  const verb = another ? "are masters" : master.role.length > 1 ? "became master" : "is master";
  return [`${names} ${verb}`, ...others].join(", ");
}

const inWords: Readonly<Record<string, string>> = {
  replica: "its replica",
  parked: "parked",
  down: "down",
  silent: "silent",
};
