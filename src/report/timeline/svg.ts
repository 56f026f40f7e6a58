import type { Incident, NodeRows, RowKind, Span } from "../../model/timeline.ts";
import { rowKinds } from "../incidents/rows.ts";
import { escaped } from "./escape.ts";
import { afterInWords, eventInWords } from "./words.ts";

const width = 960;
const left = 150;
const right = 16;
const rowHeight = 22;
const nodeGap = 34;
const top = 30;

const rowNames: Readonly<Record<RowKind, string>> = {
  role: "role",
  vip: "virtual IP",
  writable: "writable",
  link: "link",
};
const stateNames: Readonly<Record<RowKind, Readonly<Record<string, string>>>> = {
  role: {},
  vip: { yes: "here", no: "not here" },
  writable: { yes: "takes writes", no: "takes none" },
  link: { up: "reaches the other", gone: "reaches nobody" },
};

/** The colour of a state, as a class: good, neutral, bad or unknown. The text in the bar says the same. */
const classes: Readonly<Record<string, string>> = {
  master: "good",
  yes: "good",
  up: "good",
  replica: "calm",
  no: "calm",
  "?": "unknown",
};

/**
 * Where a moment is on the axis. Most of an incident happens within milliseconds and then nothing for seconds, so a pause takes
 * room by its logarithm.
 */
function axisOf(moments_ms: readonly number[]): (ms: number) => number {
  const all = [...new Set([0, ...moments_ms])].sort((a, b) => a - b);
  const sums = [0];
  for (const [index, ms] of all.entries())
    if (index > 0) sums.push((sums.at(-1) ?? 0) + Math.log2(2 + ms - (all[index - 1] ?? 0)));
  const total = sums.at(-1) || 1;
  const at = new Map(all.map((ms, index) => [ms, left + ((sums[index] ?? 0) / total) * (width - left - right)]));
  return (ms) => at.get(ms) ?? left;
}

/** The picture of an incident: for each node its rows, and its events as points, on one axis. `id`: of its list of events. */
export function incidentSvg({ rows, events, cause }: Incident, id: string): string {
  const moments = [
    ...events.map(({ after_ms }) => after_ms),
    ...rows.flatMap((row) => rowKinds.flatMap((kind) => row[kind].flatMap(({ from_ms, to_ms }) => [from_ms, to_ms]))),
  ];
  const x = axisOf(moments);
  const nodeHeight = rowHeight * rowKinds.length + nodeGap;
  const height = top + rows.length * nodeHeight;
  const points = (node: string, y: number) =>
    events.flatMap((event, index) => {
      if (event.node !== node) return [];
      const title = `${afterInWords(event.after_ms)} s ${node}: ${eventInWords(event)}`;
      return [
        `<a href="#${id}-${index}"><circle class="point ${event.level}" cx="${x(event.after_ms).toFixed(1)}" cy="${y}" r="5"><title>${escaped(title)}</title></circle></a>`,
      ];
    });
  const parts = rows.flatMap((row, index) => {
    const y = top + index * nodeHeight;
    return [
      `<text class="node" x="0" y="${y + 15}">${escaped(row.node)}</text>`,
      `<line class="axis" x1="${left}" x2="${width - right}" y1="${y + 10}" y2="${y + 10}"/>`,
      ...points(row.node, y + 10),
      ...rowKinds.flatMap((kind, line) => bars(row, kind, y + 22 + line * rowHeight, x)),
    ];
  });
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`What each node was, from ${cause.text}`)}">`,
    ...ticks(moments, x, height),
    ...parts,
    "</svg>",
  ].join("\n");
}

function bars(row: NodeRows, kind: RowKind, y: number, x: (ms: number) => number): string[] {
  const name = `<text class="row" x="12" y="${y + 13}">${rowNames[kind]}</text>`;
  return [name, ...row[kind].map((span) => bar(span, kind, y, x))];
}

function bar({ from_ms, to_ms, state }: Span, kind: RowKind, y: number, x: (ms: number) => number): string {
  const begin = x(from_ms);
  const room = Math.max(2, x(to_ms) - begin);
  const words = state === "?" ? "not known" : (stateNames[kind][state] ?? state);
  const shown = room > words.length * 7 + 8 ? words : "";
  const title = `${words}, ${afterInWords(from_ms)} to ${afterInWords(to_ms)} s`;
  return `<g class="${classes[state] ?? "bad"}"><rect x="${begin.toFixed(1)}" y="${y}" width="${room.toFixed(1)}" height="18" rx="2"><title>${escaped(title)}</title></rect><text x="${(begin + 5).toFixed(1)}" y="${y + 13}">${escaped(shown)}</text></g>`;
}

/** A time at the top wherever there is room for one. */
function ticks(moments: readonly number[], x: (ms: number) => number, height: number): string[] {
  const found: string[] = [];
  let free = left;
  for (const ms of [...new Set(moments)].sort((a, b) => a - b)) {
    const at = x(ms);
    if (at < free || at > width - right - 50) continue;
    free = at + 90;
    found.push(
      `<line class="tick" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="18" y2="${height - 10}"/>`,
      `<text class="time" x="${at.toFixed(1)}" y="13">${afterInWords(ms)} s</text>`,
    );
  }
  return found;
}
