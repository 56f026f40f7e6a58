import type { Conflict, Unit, Write } from "../../model/diverged.ts";
import type { Applied } from "../../model/kept.ts";
import type { KeptFile } from "../../state/kept-files.ts";
import { inUnits } from "../reporter.ts";
import { bytesJson, printable } from "./printable.ts";

/** What `diverged` prints. */

/** One write: database, command, key, values. Of a dump: database, key, value. */
const writeLine = ({ database, words: [name, ...args], shown }: Write): string =>
  shown === undefined
    ? [`db${database}`, String(name).toUpperCase(), ...args.map((one) => printable(one))].join(" ")
    : `db${database} ${printable(args[0] ?? Buffer.alloc(0))}: ${shown}`;

export const unitLines = (unit: Unit): string[] =>
  unit.length === 1 ? unit.map(writeLine) : ["together:", ...unit.map((write) => `  ${writeLine(write)}`)];

export function conflictLines({ unit, key, why, theirs }: Conflict): string[] {
  const ours = unit.findLast(({ keys }) => keys?.some(({ name }) => name === key?.name)) ?? unit.at(-1);
  const named = key ? `db${key.database} ${printable(Buffer.from(key.name, "latin1"))}: ` : "";
  return [
    `${named}${why}`,
    ...(ours ? [`  kept here:  ${ours.shown ?? writeLine(ours)}`] : []),
    ...(theirs ? [`  the master: ${writeLine(theirs)}`] : []),
  ];
}

export type ListedFile = Omit<KeptFile, "file"> & { node: string };

/** `diverged list`, one line for each file. */
export function listLines(files: readonly ListedFile[]): string[] {
  const rows = files.map(({ node, id, kind, bytes, about }) => [
    node,
    String(id),
    about?.when.slice(0, 19).replace("T", " ") ?? "?",
    kind,
    about?.writes ? `${about.writes.writes + about.writes.deletions} writes` : "",
    keysOf(about),
    inUnits(bytes),
    stateOf(about?.applied),
    about?.why ?? "its description is missing",
  ]);
  const widths = [0, 1, 2, 3, 4, 5, 6, 7].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function keysOf(about: KeptFile["about"]): string {
  if (!about) return "";
  if (!about.writes) return `${about.keys} keys`;
  return about.changed ? `${about.changed.here.count} keys, ${about.changed.both.count} of both sides` : "";
}

function stateOf(applied: Applied | undefined): string {
  if (!applied) return "not applied";
  return applied.left === 0 ? "applied" : `applied, ${applied.left} left`;
}

/** A write, or a key of a dump, as JSON. */
export const writeJson = ({ database, words, keys, shown }: Write) => ({
  database,
  ...(shown === undefined
    ? { command: String(words[0]).toUpperCase(), args: words.slice(1).map(bytesJson) }
    : { value: shown }),
  keys: keys?.map(({ name }) => bytesJson(Buffer.from(name, "latin1"))),
});
