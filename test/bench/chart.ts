import { events } from "./events.ts";
import type { Measured } from "./results.ts";
import { summarise } from "./statistics.ts";

/** The gaps as an SVG: a line for each event and contender, a dot for each run, a bar at the median; the scale is logarithmic. */

const left = 190;
const right = 170;
const line = 20;
const colours: Record<string, string> = {
  scripts: "#8c564b",
  "sentinel-default": "#d62728",
  "sentinel-1s": "#ff7f0e",
  hooks: "#1f77b4",
  agent: "#2ca02c",
};
const decades = [1, 10, 100, 1000, 10_000, 100_000];
const width = 900;
const x = (ms: number): number => {
  const share = Math.log10(Math.min(Math.max(ms, 1), 100_000)) / 5;
  return Math.round((left + share * (width - left - right)) * 10) / 10;
};
const inWords = (ms: number): string => (ms >= 1000 ? `${Number((ms / 1000).toFixed(1))} s` : `${Math.round(ms)} ms`);

export function chart(failovers: readonly Measured[]): string {
  let y = 34;
  const rows = events.flatMap(({ name, what }) => {
    const measured = failovers.filter(({ event, trials }) => event === name && trials.length > 0);
    if (measured.length === 0) return [];
    const title = `<text x="8" y="${y + 14}" font-weight="bold">${name}</text><text x="${left}" y="${y + 14}" class="dim">${what}</text>`;
    y += line + 2;
    const lines = measured.map((one) => {
      y += line;
      return lineOf(one, y - line / 2);
    });
    y += 10;
    return [title, ...lines];
  });
  const grid = decades.map(
    (ms) =>
      `<line x1="${x(ms)}" x2="${x(ms)}" y1="26" y2="${y}" class="grid"/>` +
      `<text x="${x(ms)}" y="18" text-anchor="middle" class="dim">${inWords(ms)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 10}" font-family="sans-serif" font-size="12">
<title>Longest time without an acknowledged write, run by run</title>
<style>
text { fill: #222 } .dim { fill: #777 } .grid { stroke: #ddd } rect.page { fill: #fff }
</style>
<rect class="page" width="${width}" height="${y + 10}"/>
${[...grid, ...rows].join("\n")}
</svg>
`;
}

function lineOf({ contender, trials }: Measured, y: number): string {
  const gaps = trials.map(({ gap_ms }) => gap_ms);
  const { median, max } = summarise(gaps);
  const colour = colours[contender.replace(/\+.*/, "")] ?? "#555";
  const dots = gaps
    .map((ms) => `<circle cx="${x(ms)}" cy="${y}" r="3.5" fill="${colour}" fill-opacity="0.35"/>`)
    .join("");
  const bar = `<rect x="${x(median) - 1.5}" y="${y - 8}" width="3" height="16" fill="${colour}"/>`;
  // A short gap that was paid for with data is none.
  const { median: lost } = summarise(trials.map((one) => one.lost));
  const price = lost > 0 ? `, ${Math.round(lost).toLocaleString("en")} writes lost` : "";
  const name = `<text x="${left - 10}" y="${y + 4}" text-anchor="end">${contender}</text>`;
  return `${name}${dots}${bar}<text x="${x(max) + 10}" y="${y + 4}">${inWords(median)}${price}</text>`;
}
