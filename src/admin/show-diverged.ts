import type { Conflict, Unit, Write } from "../model/diverged.ts";
import type { KeptFile } from "./diverged.ts";
import { inUnits } from "./reporter.ts";

/** What `diverged` prints. */

const shown = 60;

/** Bytes as redis-cli shows them, in quotes if they are no plain text, and not too long. */
function printable(bytes: Buffer, limit = shown): string {
  const cut = bytes.length > limit ? bytes.subarray(0, limit) : bytes;
  const text = [...cut].map((byte) =>
    byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : escaped(byte),
  );
  const quoted = text.some((one) => one.length > 1 || one === " ") || bytes.length === 0;
  const more = bytes.length > limit ? `... (${bytes.length} bytes)` : "";
  return `${quoted ? `"${text.join("")}"` : text.join("")}${more}`;
}

const escapes: Record<number, string> = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };
const escaped = (byte: number): string => escapes[byte] ?? `\\x${byte.toString(16).padStart(2, "0")}`;

/** One write: database, command, key, values. */
const writeLine = ({ database, words: [name, ...args] }: Write): string =>
  [`db${database}`, String(name).toUpperCase(), ...args.map((one) => printable(one))].join(" ");

export const unitLines = (unit: Unit): string[] =>
  unit.length === 1 ? unit.map(writeLine) : ["together:", ...unit.map((write) => `  ${writeLine(write)}`)];

export function conflictLines({ unit, key, why, theirs }: Conflict): string[] {
  const ours = unit.findLast(({ keys }) => keys?.some(({ name }) => name === key?.name)) ?? unit.at(-1);
  const named = key ? `db${key.database} ${printable(Buffer.from(key.name, "latin1"))}: ` : "";
  return [
    `${named}${why}`,
    ...(ours ? [`  kept here:  ${writeLine(ours)}`] : []),
    ...(theirs ? [`  the master: ${writeLine(theirs)}`] : []),
  ];
}

/** `diverged list`, one line for each file. */
export function listLines(files: readonly KeptFile[]): string[] {
  const rows = files.map(({ id, kind, bytes, about }) => [
    String(id),
    about?.when.slice(0, 19).replace("T", " ") ?? "?",
    kind,
    about?.writes ? `${about.writes.writes + about.writes.deletions} writes` : about ? `${about.keys} keys` : "",
    inUnits(bytes),
    stateOf(about?.applied),
    about?.why ?? "its description is missing",
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function stateOf(applied: { left: number[] } | undefined): string {
  if (!applied) return "not applied";
  return applied.left.length === 0 ? "applied" : `applied, ${applied.left.length} left`;
}

/** A write as JSON: bytes that are no UTF-8 as base64. */
export const writeJson = ({ database, words, keys }: Write) => ({
  database,
  command: String(words[0]).toUpperCase(),
  args: words.slice(1).map(bytesJson),
  keys: keys?.map(({ name }) => bytesJson(Buffer.from(name, "latin1"))),
});

function bytesJson(bytes: Buffer): string | { base64: string } {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : { base64: bytes.toString("base64") };
}
