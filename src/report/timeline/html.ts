import type { Incident, TimelineReport } from "../../model/timeline.ts";
import { escaped } from "./escape.ts";
import { css } from "./style.ts";
import { incidentSvg, namesSvg, zooms } from "./svg.ts";
import {
  afterInWords,
  clocksInWords,
  costInWords,
  durationInWords,
  eventInWords,
  headInWords,
  keptInWords,
  timeInWords,
} from "./words.ts";

/** The report as one page: no script, and nothing from the network. */
export function timelineHtml(report: TimelineReport): string {
  const { incidents, clocks } = report;
  const list = incidents.map(
    ({ begin, cause }, index) =>
      `<li><a href="#i${index}"><time>${timeInWords(begin)}</time> ${escaped(cause.text)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>keepalived-redis: timeline</title>
<style>
${css}</style>
</head>
<body>
<main>
<h1>Timeline</h1>
${[headInWords(report), ...clocksInWords(clocks)].map((text) => `<p>${escaped(text)}</p>`).join("\n")}
${list.length > 1 ? `<ol>\n${list.join("\n")}\n</ol>` : ""}
${incidents.map(incidentHtml).join("\n")}
</main>
</body>
</html>
`;
}

function incidentHtml(incident: Incident, index: number): string {
  const { begin, cluster, cause, outcome, duration_ms, events } = incident;
  const id = `i${index}`;
  const rows = events.map(
    (event, at) =>
      `<tr id="${id}-${at}" class="${escaped(event.level)}"><td>${afterInWords(event.after_ms)}</td><td>${escaped(event.node)}</td><td>${escaped(event.executable)}</td><td>${escaped(eventInWords(event))}</td></tr>`,
  );
  return `<section id="${id}">
<h2>${escaped(cause.text)}</h2>
<p><time>${timeInWords(begin)}</time>, cluster ${escaped(cluster)}: ${escaped(outcome)}. ${durationInWords(duration_ms)} from first to last line.</p>
<fieldset>
<legend>Zoom</legend>
${zoomChoice(id)}
<div class="beside">
${namesSvg(incident)}
<div class="picture" tabindex="0" role="region" aria-label="picture">
${incidentSvg(incident, id)}
</div>
</div>
</fieldset>
<p class="note">The axis gives more room to what happened fast. Point at a bar or a dot to read it; a dot leads to its line below.</p>
<dl>
${facts(incident)
  .map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`)
  .join("\n")}
</dl>
<div class="table"><table>
<thead><tr><th>s</th><th>node</th><th>by</th><th>event</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>
</section>`;
}

/** The style sheet widens the picture behind the one that is checked: there is no script. */
const zoomChoice = (id: string): string =>
  zooms
    .map(
      (zoom) =>
        `<input type="radio" name="${id}-zoom" id="${id}-zoom${zoom}" class="zoom${zoom}"${zoom === 1 ? " checked" : ""}><label for="${id}-zoom${zoom}">${zoom * 100} %</label>`,
    )
    .join("\n");

function facts({ cost, why, refused }: Incident): [string, string][] {
  return [
    ["cost", costInWords(cost).map(escaped).join("<br>")],
    ...cost.kept.map((one): [string, string] => ["kept", escaped(keptInWords(one))]),
    ...why.map(({ node, transition, row, steps }): [string, string] => [
      "why",
      `${escaped(`${node}, ${transition}: ${row}`)}<ul>${steps.map((step) => `<li>${escaped(step)}</li>`).join("")}</ul>`,
    ]),
    ...refused.map(({ node, why: because, remedy }): [string, string] => [
      "refused",
      escaped(`${node}: ${because}${remedy ? `; remedy: ${remedy}` : ""}`),
    ]),
  ];
}
