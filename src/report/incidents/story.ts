import type { Incident, LogLine, StoryEvent, Why } from "../../model/timeline.ts";
import { numberOf, stepsOf, textOf } from "./log-lines.ts";

/** The lines of an incident as sentences. Equal ones that follow each other, on one node, are one with a count. */
export function storyOf(lines: readonly LogLine[]): StoryEvent[] {
  const begin_ms = lines[0]?.at_ms ?? 0;
  const events: StoryEvent[] = [];
  for (const line of lines) {
    const text = sentenceOf(line);
    const last = events.findLast(({ node }) => node === line.node);
    const after_ms = line.at_ms - begin_ms;
    if (last && last.text === text && last.event === line.event) {
      last.count++;
      last.over_ms = after_ms - last.after_ms;
    } else {
      const { node, executable, level, event, at_ms } = line;
      const at = new Date(at_ms).toISOString();
      events.push({ at, after_ms, node, executable, level, event, text, count: 1, over_ms: 0 });
    }
  }
  return events;
}

function sentenceOf(line: LogLine): string {
  const about = [
    line.event === "decided" || line.event === "step-failed" ? textOf(line, "transition") : "",
    textOf(line, "at") && textOf(line, "at") !== line.node ? `at ${textOf(line, "at")}` : "",
  ].filter((part) => part !== "");
  const more = [textOf(line, "detail"), textOf(line, "error"), inNumbers(line)].filter((part) => part !== "");
  return `${line.message}${about.length > 0 ? `, ${about.join(", ")}` : ""}${more.length > 0 ? ` (${more.join("; ")})` : ""}`;
}

const inNumbers = (line: LogLine): string =>
  [
    ["bytes_at_stake", "bytes at stake"],
    ["writes", "writes"],
    ["dropped", "sessions"],
    ["applied", "applied"],
    ["conflicts", "conflicts"],
  ]
    .flatMap(([field = "", word = ""]) => {
      const number = numberOf(line, field);
      return number === undefined ? [] : [`${number} ${word}`];
    })
    .join(", ");

/** The rows that decided something: a plan with steps, each once. */
export function whyOf(lines: readonly LogLine[]): Why[] {
  const all = lines
    .filter((line) => line.event === "decided" && stepsOf(line).length > 0)
    .map((line) => ({
      ...{ node: line.node, transition: textOf(line, "transition") },
      ...{ row: line.message, steps: stepsOf(line) },
    }));
  return [...new Map(all.map((why) => [JSON.stringify(why), why])).values()];
}

const refusals = new Set(["transition-refused", "transition-failed", "diverged-not-applied", "failback-given-up"]);

export function refusedIn(lines: readonly LogLine[]): Incident["refused"] {
  const all = lines
    .filter(({ event }) => refusals.has(event))
    .map((line) => ({
      ...{ node: line.node, why: textOf(line, "why") || textOf(line, "error") || line.message },
      remedy: textOf(line, "remedy"),
    }));
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
