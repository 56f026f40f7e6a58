import type { Incident, NodeRows, RowKind, Span } from "../../model/timeline.ts";
import { rowKinds } from "../incidents/rows.ts";
import { escaped } from "./escape.ts";
import { afterInWords, eventInWords } from "./words.ts";

/** How many times as wide as the page the picture is drawn. */
export const zooms = [1, 3, 10] as const;

// Everything across is in percent, so that a zoom makes room between events and leaves letters and dots as they are. What has room for its
// words is worked out for this width in pixels, the least.
export const leastWidth = 840;
const rowHeight = 22;
const nodeGap = 34;
const top = 30;
const tickRoom = 90;

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

type Axis = (ms: number) => number;

/**
 * Where a moment is on the axis, in percent. Most of an incident happens within milliseconds and then nothing for seconds, so a pause takes
 * room by its logarithm.
 */
function axisOf(moments_ms: readonly number[]): Axis {
  const all = [...new Set([0, ...moments_ms])].sort((a, b) => a - b);
  const sums = [0];
  for (const [index, ms] of all.entries())
    if (index > 0) sums.push((sums.at(-1) ?? 0) + Math.log2(2 + ms - (all[index - 1] ?? 0)));
  const total = sums.at(-1) || 1;
  const at = new Map(all.map((ms, index) => [ms, (100 * (sums[index] ?? 0)) / total]));
  return (ms) => at.get(ms) ?? 0;
}

const nodeHeight = rowHeight * rowKinds.length + nodeGap;
const heightOf = (rows: readonly NodeRows[]): number => top + rows.length * nodeHeight;
const topOf = (index: number): number => top + index * nodeHeight;
const barTop = (index: number, line: number): number => topOf(index) + 22 + line * rowHeight;

/** What the lines of the picture are. It stands beside the picture and stays where it is when that is moved. */
export const namesSvg = ({ rows }: Incident): string =>
  [
    `<svg class="names" width="120" height="${heightOf(rows)}" aria-hidden="true">`,
    ...rows.flatMap(({ node }, index) => [
      `<text class="node" x="0" y="${topOf(index) + 15}">${escaped(node)}</text>`,
      ...rowKinds.map(
        (kind, line) => `<text class="row" x="12" y="${barTop(index, line) + 13}">${rowNames[kind]}</text>`,
      ),
    ]),
    "</svg>",
  ].join("\n");

/** The picture of an incident: for each node its rows, and its events as points, on one axis. `id`: of its list of events. */
export function incidentSvg({ rows, events, cause }: Incident, id: string): string {
  const moments = [
    ...events.map(({ after_ms }) => after_ms),
    ...rows.flatMap((row) => rowKinds.flatMap((kind) => row[kind].flatMap(({ from_ms, to_ms }) => [from_ms, to_ms]))),
  ];
  const x = axisOf(moments);
  const height = heightOf(rows);
  const points = (node: string, y: number) =>
    events.flatMap((event, index) => {
      if (event.node !== node) return [];
      const title = `${afterInWords(event.after_ms)} s ${node}: ${eventInWords(event)}`;
      return [
        `<a href="#${id}-${index}"><circle class="point ${event.level}" cx="${percent(x(event.after_ms))}" cy="${y}" r="5"><title>${escaped(title)}</title></circle></a>`,
      ];
    });
  const parts = rows.flatMap((row, index) => {
    const y = topOf(index) + 10;
    return [
      `<line class="axis" x1="0" x2="100%" y1="${y}" y2="${y}"/>`,
      ...points(row.node, y),
      ...rowKinds.flatMap((kind, line) => row[kind].map((span) => bar(span, kind, barTop(index, line), x))),
    ];
  });
  return [
    `<svg class="incident" height="${height}" role="img" aria-label="${escaped(`What each node was, from ${cause.text}`)}">`,
    ...zooms.map((zoom) => `<g class="at${zoom}">${ticks(moments, x, height, zoom).join("")}</g>`),
    ...parts,
    "</svg>",
  ].join("\n");
}

const percent = (share: number): string => `${Number(share.toFixed(3))}%`;

function bar({ from_ms, to_ms, state }: Span, kind: RowKind, y: number, x: Axis): string {
  const room = x(to_ms) - x(from_ms);
  const words = state === "?" ? "not known" : (stateNames[kind][state] ?? state);
  const zoom = zooms.find((times) => ((times * leastWidth) / 100) * room > words.length * 7 + 8);
  const shown = zoom === undefined ? "" : `<text class="from${zoom}" x="5" y="13">${escaped(words)}</text>`;
  const title = `${words}, ${afterInWords(from_ms)} to ${afterInWords(to_ms)} s`;
  const place = `x="${percent(x(from_ms))}" y="${y}" width="${percent(Math.max(0.2, room))}" height="18"`;
  return `<svg ${place} class="${classes[state] ?? "bad"}"><rect width="100%" height="18" rx="2"><title>${escaped(title)}</title></rect>${shown}</svg>`;
}

/** A time at the top wherever there is room for one at this zoom. */
function ticks(moments: readonly number[], x: Axis, height: number, zoom: number): string[] {
  const found: string[] = [];
  const pixels = (zoom * leastWidth) / 100;
  let free = 0;
  for (const ms of [...new Set(moments)].sort((a, b) => a - b)) {
    const at = x(ms) * pixels;
    if (at < free || at > 100 * pixels - 60) continue;
    free = at + tickRoom;
    const where = percent(x(ms));
    found.push(
      `<line class="tick" x1="${where}" x2="${where}" y1="18" y2="${height - 10}"/>`,
      `<text class="time" x="${where}" y="13">${afterInWords(ms)} s</text>`,
    );
  }
  return found;
}
