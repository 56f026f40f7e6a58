import { readFileSync } from "node:fs";
import { CommandRefused } from "../../cluster/errors.ts";
import { type Forced, sortOut } from "../../decide/diverged.ts";
import type { Conflict, Unit } from "../../model/diverged.ts";
import type { Applied, ChangedKeys, Kept } from "../../model/kept.ts";
import { KeyFinder } from "../../redis/find-keys.ts";
import { type BinarySession, openBinary } from "../../redis/ioredis-session.ts";
import { withDump } from "../../redis/private-server.ts";
import type { KeptFile } from "../../state/kept-files.ts";
import { placesIn, placesText } from "../../state/places.ts";
import { descriptionOf } from "../../state/quarantine.ts";
import { writeAtomically } from "../../system/atomic-file.ts";
import { applyUnits } from "./apply-units.ts";
import { ChangedKeyLists } from "./changed-keys.ts";
import type { DivergedContext } from "./context.ts";
import { changedValues, missingKeys } from "./dump-keys.ts";
import { answer_ms, localExecutable } from "./key-session.ts";
import { type Master, MasterWrites, theMaster } from "./master-writes.ts";
import { appliedChannelOf, UnitReader } from "./read-units.ts";

/** What was applied to the master, or would be, and what not. */
export interface Sorted {
  master: Master;
  apply: Unit[];
  conflicts: Conflict[];
  failed: { unit: Unit; error: string }[];
}

const notForced: Forced = { all: false, keys: new Set() };

interface Applying {
  context: DivergedContext;
  kept: KeptFile & { about: Kept };
  master: Master;
  session: BinarySession;
  finder: KeyFinder;
  writes: MasterWrites;
  forced: Forced;
  dryRun: boolean;
}

/**
 * Sorts out which writes of a file, or keys of a dump, can be applied to the master, and applies them unless it is only tried. What was
 * applied once is not applied again. Throws a CommandRefused if there is no master, or nothing is left.
 */
export async function applyKept(
  context: DivergedContext,
  kept: KeptFile & { about: Kept },
  forced: Forced,
  dryRun: boolean,
): Promise<Sorted> {
  const { applied } = kept.about;
  if (applied?.left === 0)
    throw new CommandRefused(`all of these writes were applied to ${applied.to} at ${applied.when}`, {
      remedy: "there is nothing to do",
    });
  const master = await theMaster(context);
  const session = await openBinary(master.endpoint, answer_ms);
  const finder = new KeyFinder(session);
  const writes = new MasterWrites(master, kept.about, finder);
  try {
    await writes.readUntil(master.seen.history.offset);
    const applying = { context, kept, master, session, finder, writes, forced, dryRun };
    return await (kept.kind === "dump" ? applyDump(applying) : applyWrites(applying));
  } finally {
    session.close();
  }
}

async function applyWrites(applying: Applying): Promise<Sorted> {
  const { context, kept, master, session, finder, writes, forced, dryRun } = applying;
  const all = await unitsOf(kept.file, finder);
  const places = placesLeft(kept.about, writes) ?? [...all.keys()];
  const left = places.flatMap((place) => all.slice(place, place + 1));
  const lists = new ChangedKeyLists();
  lists.add(all);
  const changed = lists.listsBeside(writes.touched);
  if (dryRun) {
    remember(applying, changed);
    return { master, ...sortOut(left, writes.touched, forced), failed: [] };
  }
  const placeOf = new Map(left.map((unit, index) => [unit, places[index] as number]));
  const placesOf = (units: readonly Unit[]) => units.map((unit) => placeOf.get(unit) as number);
  const still = new Set(places);
  const soFar = () => ({ left: still.size, places: placesText(still) });
  const progress = {
    channel: appliedChannelOf(context.cluster),
    begin(units: readonly Unit[], mark: string) {
      const those = placesOf(units).sort((one, other) => one - other);
      remember(applying, changed, { ...soFar(), pending: { mark, places: placesText(those) } });
    },
    done(applied: readonly Unit[]) {
      for (const place of placesOf(applied)) still.delete(place);
      remember(applying, changed, soFar());
    },
  };
  if (kept.about.applied?.pending) progress.done([]);
  const { applied, ...rest } = await applyUnits(left, session, writes, forced, progress);
  remember(applying, lists.listsBeside(writes.touched), soFar());
  return { master, apply: applied, ...rest };
}

/** The places of the writes that are not applied yet. A transaction whose reply was lost was carried out if the master's history has it. */
function placesLeft({ applied }: Kept, writes: MasterWrites): number[] | undefined {
  if (applied?.places === undefined) return undefined;
  try {
    const left = placesIn(applied.places);
    if (!applied.pending || !writes.hasMark(applied.pending.mark)) return left;
    const done = new Set(placesIn(applied.pending.places));
    return left.filter((place) => !done.has(place));
  } catch (error) {
    // Edited by hand, or of an older version. To begin anew could apply a write twice.
    throw new CommandRefused(`what was applied of these writes is not readable: ${(error as Error).message}`, {
      remedy: "look at the writes with `diverged show`, and apply by hand what the master lacks",
    });
  }
}

/** Nobody knows which keys the parting state had. So a key that only the master has was removed here if the master has not touched it. */
async function applyDump(applying: Applying): Promise<Sorted> {
  const { context, kept, master, session, writes, forced, dryRun } = applying;
  const found: Sorted = { master, apply: [], conflicts: [], failed: [] };
  const lists = new ChangedKeyLists();
  const take = async (units: readonly Unit[]) => {
    context.proceed();
    lists.add(units);
    const { apply, conflicts } = sortOut(units, writes.touched, forced);
    const done = dryRun
      ? { applied: apply, conflicts, failed: [] }
      : await applyUnits(units, session, writes, forced, { channel: appliedChannelOf(context.cluster) });
    found.apply.push(...done.applied);
    found.conflicts.push(...done.conflicts);
    found.failed.push(...done.failed);
  };
  await withDump(kept.file, await localExecutable(context), context.proceed, async (dump) => {
    for await (const units of changedValues(dump, session)) await take(units);
    for await (const units of missingKeys(dump, session)) await take(sortOut(units, writes.touched, notForced).apply);
  });
  remember(
    applying,
    lists.listsBeside(writes.touched),
    dryRun ? undefined : { left: found.conflicts.length + found.failed.length },
  );
  return found;
}

function remember(
  { kept: { file, about }, master }: Applying,
  changed: ChangedKeys,
  applied?: Pick<Applied, "left" | "places" | "pending">,
): void {
  const text: Kept = {
    ...about,
    changed,
    ...(applied ? { applied: { when: new Date().toISOString(), to: master.name, ...applied } } : {}),
  };
  writeAtomically(descriptionOf(file), `${JSON.stringify(text, undefined, 2)}\n`, { mode: 0o600 });
}

/** The units of a file. */
export async function unitsOf(file: string, finder: KeyFinder): Promise<Unit[]> {
  // The file begins with SELECT.
  const reader = new UnitReader(0);
  reader.push(readFileSync(file));
  return reader.take(finder);
}
