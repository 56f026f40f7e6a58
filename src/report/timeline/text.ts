import type { Incident, TimelineReport } from "../../model/timeline.ts";
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

/** The report as lines. A terminal obeys control characters, so none of a log comes through. */
export const timelineLines = (report: TimelineReport): string[] =>
  [
    headInWords(report),
    ...clocksInWords(report.clocks),
    ...report.incidents.flatMap((incident) => ["", ...incidentLines(incident)]),
  ].map((line) => line.replaceAll(/\p{Cc}/gu, "?"));

function incidentLines(incident: Incident): string[] {
  const { begin, cluster, cause, outcome, duration_ms, why, refused, cost, events } = incident;
  const width = Math.max(...events.map(({ after_ms }) => afterInWords(after_ms).length));
  const nameWidth = Math.max(...events.map(({ node }) => node.length));
  return [
    `${timeInWords(begin)} ${cluster}: ${cause.text}`,
    `  outcome  ${outcome}; ${durationInWords(duration_ms)} from first to last line`,
    ...costInWords(cost).map((text, index) => `  ${index === 0 ? "cost" : "    "}     ${text}`),
    ...cost.kept.map((one) => `  kept     ${keptInWords(one)}`),
    ...why.flatMap(({ node, transition, row, steps }) => [
      `  why      ${node}, ${transition}: ${row}`,
      ...steps.map((step) => `             - ${step}`),
    ]),
    ...refused.flatMap(({ node, why, remedy }) => [
      `  refused  ${node}: ${why}`,
      ...(remedy ? [`             remedy: ${remedy}`] : []),
    ]),
    "",
    ...events.map(
      (event) =>
        `  ${afterInWords(event.after_ms).padStart(width)}  ${event.node.padEnd(nameWidth)}  ${marks[event.level] ?? " "} ${eventInWords(event)}`,
    ),
  ];
}

/** Not by colour alone, and easy to search for. */
const marks: Readonly<Record<string, string>> = { error: "E", warn: "!", info: " ", debug: " " };
