import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { CommandRefused } from "../cluster/errors.ts";
import { type Forced, sortOut } from "../decide/diverged.ts";
import type { Conflict, Unit } from "../model/diverged.ts";
import type { Kept } from "../model/kept.ts";
import { KeyFinder } from "../redis/find-keys.ts";
import { type BinarySession, openBinary } from "../redis/ioredis-session.ts";
import type { RedisContext } from "../redis/sessions.ts";
import { descriptionOf, keptIn, numberOf } from "../state/quarantine.ts";
import { writeAtomically } from "../system/atomic-file.ts";
import { applyUnits } from "./apply-diverged.ts";
import { type Master, MasterWrites, theMaster } from "./master-writes.ts";
import { UnitReader } from "./read-units.ts";

/** The course of `diverged list`, `show` and `apply`. */

const deadline_ms = 10_000;

/** One file of the quarantine, as `diverged list` shows it. */
export interface KeptFile {
  id: number;
  file: string;
  kind: "writes" | "dump";
  bytes: number;
  about: Kept | undefined;
}

export const keptFiles = (folder: string): KeptFile[] =>
  keptIn(folder).map(({ file, about }) => ({
    id: numberOf(basename(file)),
    file,
    kind: file.endsWith(".aof") ? "writes" : "dump",
    bytes: statSync(file).size,
    about,
  }));

/** `latest`: the newest file. Throws a CommandRefused if there is no such file of writes. */
export function keptWrites(folder: string, id: number | "latest"): KeptFile & { about: Kept } {
  const found = keptFiles(folder).find((one) => id === "latest" || one.id === id);
  if (!found)
    throw new CommandRefused(`nothing is kept as ${id} on this node`, { remedy: "`diverged list` shows what is kept" });
  if (found.kind === "dump")
    throw new CommandRefused(`${id} is a dump of the whole data set, and not the writes alone`, {
      remedy: "docs/quarantine.md tells how to read it, and how to put keys back",
    });
  if (!found.about?.writes)
    throw new CommandRefused(`${descriptionOf(found.file)} is missing or damaged`, {
      remedy: "the writes can still be read: it is an append-only file",
    });
  return { ...found, about: found.about };
}

/** The units of a file. */
export async function unitsOf(file: string, finder: KeyFinder): Promise<Unit[]> {
  // The file begins with SELECT.
  const reader = new UnitReader(0);
  reader.push(readFileSync(file));
  return reader.take(finder);
}

export interface Sorted {
  master: Master;
  apply: Unit[];
  conflicts: Conflict[];
  failed: { unit: Unit; error: string }[];
}

/**
 * Sorts out which writes of a file can be applied to the master, and applies them unless it is only tried. What was applied once is not
 * applied again. Throws a CommandRefused if there is no master, or nothing is left.
 */
export async function applyKept(
  context: RedisContext,
  { file, about }: KeptFile & { about: Kept },
  forced: Forced,
  dryRun: boolean,
): Promise<Sorted> {
  const master = await theMaster(context);
  const session = await openBinary(master.endpoint, deadline_ms);
  const finder = new KeyFinder(session);
  try {
    const all = await unitsOf(file, finder);
    const places = about.applied?.left ?? [...all.keys()];
    const left = places.flatMap((place) => all.slice(place, place + 1));
    if (left.length === 0)
      throw new CommandRefused(`all of these writes were applied to ${about.applied?.to} at ${about.applied?.when}`, {
        remedy: "there is nothing to do",
      });
    const writes = new MasterWrites(master, about, finder);
    await writes.readUntil(master.seen.history.offset);
    if (dryRun) return { master, ...sortOut(left, writes.touched, forced), failed: [] };
    const remember = (applied: readonly Unit[]) => {
      const done = new Set(applied);
      const still = places.filter((_, index) => !done.has(left[index] as Unit));
      const text = { ...about, applied: { when: new Date().toISOString(), to: master.name, left: still } };
      writeAtomically(descriptionOf(file), `${JSON.stringify(text, undefined, 2)}\n`, { mode: 0o600 });
    };
    const { applied, ...rest } = await applyUnits(left, session, writes, forced, remember);
    return { master, apply: applied, ...rest };
  } finally {
    session.close();
  }
}

/** Opens a session to the master, which knows its commands and where they have their keys. */
export async function sessionForKeys(context: RedisContext): Promise<BinarySession> {
  const { endpoint } = await theMaster(context);
  return openBinary(endpoint, deadline_ms);
}
