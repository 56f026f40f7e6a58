import type { Server } from "../server/server.ts";
import type { Written } from "./dumps.ts";

/** A write of a key that the writers of both hosts change. The value is its own: no other write has it. */
export interface SharedWrite extends Written {
  writer: string;
  /** Otherwise it may have been carried out. */
  acknowledged: boolean;
  /** The value that an acknowledged write replaced. */
  replaced: string | undefined;
}

/** The last value that a side gave to a key, and that is not on the master. */
export interface LastValue extends Written {
  /** Values that were on their way after it, and stand for it. */
  later: readonly string[];
}

export interface SharedResult {
  lost: LastValue[];
  problems: string[];
}

/**
 * What the master lacks of the shared keys. A value that a later write replaced was seen by its writer and is no loss; the last one of
 * each side is, if the master has that of another side.
 */
export function lostLastValues(writes: readonly SharedWrite[], onMaster: ReadonlyMap<string, string>): SharedResult {
  const result: SharedResult = { lost: [], problems: [] };
  for (const key of new Set(writes.map((write) => write.key))) {
    const ofKey = writes.filter((write) => write.key === key);
    const value = onMaster.get(key);
    if (value !== undefined && !ofKey.some((write) => write.value === value))
      result.problems.push(`${key} has the value ${value} on the master, which no client wrote`);
    const present = new Set(ofKey.flatMap(({ replaced }) => replaced ?? []));
    if (value !== undefined) present.add(value);
    for (const write of ofKey) {
      if (!write.acknowledged) continue;
      const later = unansweredAfter(write, ofKey);
      if ([write.value, ...later].some((one) => present.has(one))) continue;
      result.lost.push({ key, value: write.value, at_ms: write.at_ms, runId: write.runId, later });
    }
  }
  return result;
}

/** The writes of the same writer that came right after this one, and were not answered. */
function unansweredAfter(write: SharedWrite, ofKey: readonly SharedWrite[]): string[] {
  const after = ofKey.slice(ofKey.indexOf(write) + 1).filter(({ writer }) => writer === write.writer);
  const next = after.findIndex(({ acknowledged }) => acknowledged);
  return after.slice(0, next < 0 ? after.length : next).map(({ value }) => value);
}

export async function lastValuesLostOn(master: Server, writes: readonly SharedWrite[]): Promise<SharedResult> {
  const keys = [...new Set(writes.map(({ key }) => key))];
  if (keys.length === 0) return { lost: [], problems: [] };
  const values = (await master.redis("MGET", ...keys)) as (string | null)[];
  return lostLastValues(
    writes,
    new Map(keys.flatMap((key, index) => (values[index] ? [[key, values[index]] as const] : []))),
  );
}
