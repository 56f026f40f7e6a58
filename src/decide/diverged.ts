import type { Conflict, Key, Touched, Unit, Write } from "../model/diverged.ts";

const idOf = ({ database, name }: Key): string => `${database}:${name}`;

/** The keys that a unit changes, as far as they are known. */
export const keysOf = (unit: Unit): Key[] => unit.flatMap(({ keys }) => keys ?? []);

/** What an operator has decided about conflicts. */
export interface Forced {
  all: boolean;
  /** Names of keys in latin1, of any database. */
  keys: ReadonlySet<string>;
}

/**
 * The most that is applied as one. Redis compares each watched key with all those before it: with 20,000 keys it answered nobody for
 * 13 s, and its peer took the role over. A transaction of 20,000 commands takes some 50 ms.
 */
export const largestGroup = { keys: 1000, commands: 20_000 };

/**
 * Which of the diverged writes are applied to the master. A unit is applied if the master has touched none of its keys since the parting
 * point. The writes of a key that come after one that is not applied are not applied either: they may build on it.
 */
export function sortOut(
  units: readonly Unit[],
  touched: Touched,
  forced: Forced,
): { apply: Unit[]; conflicts: Conflict[] } {
  const apply: Unit[] = [];
  const conflicts: Conflict[] = [];
  const held = new Set<string>();
  const tooLarge = new Set(groupsOf(units).filter(isTooLarge(forced)).flat());
  const tooLargeFor = (unit: Unit): Conflict | undefined => {
    const [key] = unforcedKeys(unit, forced);
    return key && tooLarge.has(unit) ? { unit, key, why: tooLargeInWords } : undefined;
  };
  for (const unit of units) {
    const conflict = forced.all ? undefined : (conflictOf(unit, touched, held, forced.keys) ?? tooLargeFor(unit));
    if (!conflict) {
      apply.push(unit);
      continue;
    }
    conflicts.push(conflict);
    for (const key of keysOf(unit)) held.add(idOf(key));
  }
  return { apply, conflicts };
}

const tooLargeInWords = `it belongs together with too many other writes: more than ${largestGroup.keys} keys or ${largestGroup.commands} commands`;

const isTooLarge =
  (forced: Forced) =>
  (group: readonly Unit[]): boolean =>
    group.flat().length > largestGroup.commands || unforcedKeys(group.flat(), forced).length > largestGroup.keys;

/** Each once, without those whose writes are applied whatever the master does. */
function unforcedKeys(writes: Unit, forced: Forced): Key[] {
  const all = keysOf(writes).filter(({ name }) => !forced.keys.has(name));
  return [...new Map(all.map((key) => [idOf(key), key])).values()];
}

/** The keys that no client may change while these units are looked at and applied. */
export function keysToWatch(units: readonly Unit[], forced: Forced): Key[] {
  if (forced.all) return [];
  return groupsOf(units).flatMap((group) => (isTooLarge(forced)(group) ? [] : unforcedKeys(group.flat(), forced)));
}

function conflictOf(
  unit: Unit,
  touched: Touched,
  held: ReadonlySet<string>,
  forced: ReadonlySet<string>,
): Conflict | undefined {
  if (unit.some(({ keys }) => keys === undefined)) return { unit, why: "it may change any key" };
  for (const key of keysOf(unit)) {
    if (forced.has(key.name)) continue;
    if (touched.unknown !== undefined) return { unit, key, why: touched.unknown };
    const theirs = touched.keys.get(idOf(key)) ?? touched.any;
    if (theirs) return { unit, key, why: "both sides changed this key", theirs };
    if (held.has(idOf(key))) return { unit, key, why: "an earlier write of this key is not applied" };
  }
  return undefined;
}

/** Adds writes of the master to what it has touched. */
export function touch(touched: Touched, writes: readonly Write[]): void {
  for (const write of writes) {
    if (write.keys === undefined) touched.any = write;
    for (const key of write.keys ?? []) touched.keys.set(idOf(key), write);
  }
}

/**
 * Units that share keys, directly or through others, belong together: each group can be applied by itself, and in any order. A unit keeps
 * its place within its group.
 */
export function groupsOf(units: readonly Unit[]): Unit[][] {
  const idsOf = units.map((unit) => keysOf(unit).map(idOf));
  const groupOf = new Map<string, Set<number>>();
  const groups = new Set<Set<number>>();
  for (const [place, ids] of idsOf.entries()) {
    const joined = new Set(ids.flatMap((id) => groupOf.get(id) ?? []));
    const [into = new Set<number>(), ...others] = joined;
    groups.add(into.add(place));
    for (const id of ids) groupOf.set(id, into);
    for (const other of others) {
      groups.delete(other);
      for (const moved of other) {
        into.add(moved);
        for (const id of idsOf[moved] as string[]) groupOf.set(id, into);
      }
    }
  }
  return [...groups].map((group) => [...group].sort((a, b) => a - b).map((place) => units[place] as Unit));
}
