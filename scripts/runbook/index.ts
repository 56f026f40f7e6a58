import { checksTable } from "../../src/decide/doctor/report.ts";
import { findingsTable } from "../../src/decide/status/findings.ts";
import { type Entry, eventEntries } from "./events.ts";
import { doctorEntries, statusEntries } from "./findings.ts";
import { refusalEntries } from "./refusal-entries.ts";
import { type Refusal, refusalsInCode } from "./refusals.ts";

/** The second half of docs/runbook.md: an entry for each event of level warning or error, each refusal and each finding. */
export function runbookIndex(): string {
  const refusals = byCause(refusalsInCode());
  const ofTransitions = refusals.filter(({ file }) =>
    /^src\/(failover|decide\/(on-master|no-master|transition))/.test(file),
  );
  const ofCommands = refusals.filter((one) => !ofTransitions.includes(one));
  const events = Object.entries(eventEntries).flatMap(([event, entry]) =>
    entry === "info" ? [] : [[`\`${event}\``, entry.means, entry.todo]],
  );
  return [
    "## Log events",
    "Of level `warn` or `error`. [All events](log-events.md).",
    table(["event", "means", "do"], events),
    "## Refusals",
    "As they are printed or logged; `…` stands for what differs. A refusal changes nothing, and can be met again; where a command\nhad begun, its entry says so. Wrong options and errors in the cluster file (exit code 2) are not listed:\nthey say which word or line is wrong.",
    "### Of transitions",
    "In the log as `transition-refused`, with `why` and `remedy`.",
    table(["refused", "means", "do"], ofTransitions.map(inRow)),
    "### Of commands",
    "Exit code 1.",
    table(["refused", "means", "do"], ofCommands.map(inRow)),
    "## Findings of status",
    table(["cause", "means", "do"], entriesOf(causesOf(), statusEntries)),
    "## Findings of doctor",
    table(["check", "means", "do"], entriesOf(checkNames(), doctorEntries)),
  ].join("\n\n");
}

/** The causes of the rows, in the order of the table. */
export const causesOf = (): string[] =>
  findingsTable.flatMap(({ when }) => [...when.matchAll(/\(`([\w-]+)`\)/g)].map(([, cause = ""]) => cause));

function byCause(all: readonly Refusal[]): Refusal[] {
  const first = all.filter(({ cause }, index) => all.findIndex((one) => one.cause === cause) === index);
  return first.map((refusal) => {
    const remedies = all.flatMap(({ cause, remedy }) => (cause === refusal.cause && remedy ? [remedy] : []));
    return { ...refusal, remedy: remedies.length > 0 ? [...new Set(remedies)].join(", or: ") : undefined };
  });
}

function inRow({ cause, remedy }: Refusal): string[] {
  const { means = "", todo } = refusalEntries[cause] ?? {};
  return [cause, means, [remedy, todo].filter((one) => one !== undefined).join(". ")];
}

const entriesOf = (names: readonly string[], entries: Readonly<Record<string, Entry>>): string[][] =>
  names.map((name) => [`\`${name}\``, entries[name]?.means ?? "", entries[name]?.todo ?? ""]);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(escaped).join(" | ")} |`).join("\n");

const escaped = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/<(?=\w)/g, "&lt;");

export const checkNames = (): string[] => checksTable.map(({ name }) => name);
