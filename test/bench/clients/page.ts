import { readFileSync, writeFileSync } from "node:fs";
import type { Row } from "../results.ts";
import { summarise } from "../statistics.ts";
import { figure, table } from "../table.ts";
import { clientEvents, type MeasuredClient } from "./all.ts";
import { libraries } from "./libraries.ts";
import type { Kinds } from "./probe.ts";

/** The tables of docs/clients.md and bench/RESULTS.md about the libraries of applications. */

const [begin, end] = ["<!-- clients: written by npm run bench -->", "<!-- end of the clients -->"];

export function clientTables(measured: readonly MeasuredClient[]): string {
  if (measured.length === 0) return "Not measured on this machine yet.";
  const events = clientEvents.filter((event) => measured.some((one) => one.event === event));
  const gaps = eachSetting(measured).map((cells): Row => {
    const one = cells[0] as MeasuredClient;
    const byEvent = (cell: (measured: MeasuredClient) => string, unit: string) =>
      Object.fromEntries(
        events.map((event) => {
          const found = cells.find((each) => each.event === event);
          return [`${event}${unit}`, found ? cell(found) : "-"];
        }),
      );
    return {
      "": `${titleOf(one)}, ${one.setting}`,
      ...byEvent(gapOf, " ms"),
      ...byEvent(failuresOf, " fails"),
      lost: Math.max(...cells.flatMap(({ trials }) => trials.map(({ lost }) => lost))),
    };
  });
  const errors = measured.flatMap((one): Row[] => {
    const kinds = kindsOf(one);
    return kinds === "" ? [] : [{ "": `${titleOf(one)}, ${one.setting}, ${one.event}`, "what it saw": kinds }];
  });
  const trials = measured.flatMap((one) => one.trials);
  const runs = measured.map((one) => one.trials.length);
  const loads = summarise(trials.map(({ load }) => load));
  return [
    table(gaps),
    `*ms*: the longest time without an acknowledged write, median (longest). *fails*: writes that the application was told have failed, most of ` +
      `a run. *lost*: acknowledged writes that the new master does not have. Runs: ${span(runs)} each; load of the machine's two ` +
      `cores before each event: median ${figure(loads.median)}, at most ${figure(loads.max)}.`,
    "What the probes were told, the most of a run; *aside*: reported by the library beside the writes, and no write failed for it.",
    table(errors),
    ...missing(measured),
  ].join("\n\n");
}

const titleOf = ({ library, version }: MeasuredClient): string =>
  `${libraries.find(({ name }) => name === library)?.label ?? library} ${version}`;

function eachSetting(measured: readonly MeasuredClient[]): MeasuredClient[][] {
  const groups = new Map<string, MeasuredClient[]>();
  for (const one of measured) {
    const name = `${one.library} ${one.setting}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()];
}

function gapOf({ trials }: MeasuredClient): string {
  const gaps = trials.flatMap(({ gap_ms }) => gap_ms ?? []);
  const never = trials.length - gaps.length;
  if (gaps.length === 0) return "none in 40 s";
  const { median, max } = summarise(gaps);
  return `${figure(median)} (${never > 0 ? `${never} of ${trials.length}: none in 40 s` : figure(max)})`;
}

const failuresOf = ({ trials }: MeasuredClient): string =>
  figure(Math.max(...trials.map(({ failures }) => Object.values(failures).reduce((sum, count) => sum + count, 0))));

function kindsOf({ trials }: MeasuredClient): string {
  const most = (of: (trial: MeasuredClient["trials"][number]) => Kinds) => {
    const kinds: Kinds = {};
    for (const trial of trials)
      for (const [kind, count] of Object.entries(of(trial))) kinds[kind] = Math.max(kinds[kind] ?? 0, count);
    return Object.entries(kinds).map(([kind, count]) => `${kind.replaceAll("|", "/")} (${count})`);
  };
  const aside = most(({ events }) => events).map((kind) => `aside: ${kind}`);
  return [...most(({ failures }) => failures), ...aside].join("; ");
}

const span = (counts: readonly number[]): string =>
  [...new Set([Math.min(...counts), Math.max(...counts)])].join(" to ");

function missing(measured: readonly MeasuredClient[]): string[] {
  const rest = libraries.filter(({ name }) => !measured.some(({ library }) => library === name));
  return rest.length === 0 ? [] : [`Not here: ${rest.map(({ name, install }) => `${name} (${install})`).join(", ")}.`];
}

/** The page with the tables between its two marks. */
export function withClients(page: string, measured: readonly MeasuredClient[]): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/clients.md has no ${begin} and ${end}`);
  return `${before}${begin}\n\n${clientTables(measured)}\n\n${end}${after}`;
}

export function writeClientsPage(file: string, measured: readonly MeasuredClient[]): void {
  writeFileSync(file, withClients(readFileSync(file, "utf8"), measured));
}
