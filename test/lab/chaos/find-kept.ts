import type { Server } from "../server/server.ts";
import { dumpsOf, inNoDump, type Written } from "./dumps.ts";
import type { KeptFiles } from "./kept-files.ts";
import { type Finding, verdictOf } from "./kept-verdict.ts";
import type { LastValue } from "./shared-keys.ts";

/** What is kept of the writes that the master lacks. What is not in the result is kept nowhere. */
export type Kept = Map<Written, Finding>;

/**
 * Where diverged writes are only kept, any file will do that was made since the round began. One of an earlier round has the whole data
 * set of that time, and says nothing of this loss.
 */
export async function findInDumps(
  servers: readonly Server[],
  missing: readonly Written[],
  begin_ms: number,
): Promise<Kept> {
  const gone = new Set(await inNoDump(missing, dumpsOf(servers, begin_ms)));
  const present = missing.filter((one) => !gone.has(one));
  return new Map(present.map((one) => [one, { cause: "in a quarantine dump" }]));
}

/** Where they are applied, a file must say why a write is not on the master. `ended`: the test has ended a Redis in this round. */
export async function findWithReason(
  files: KeptFiles,
  missing: readonly Written[],
  lastValues: readonly LastValue[],
  ended: boolean,
): Promise<Kept> {
  const candidates = new Map(lastValues.map((one) => [one, [one, ...one.later.map((value) => ({ ...one, value }))]]));
  const places = await files.placesOf([...missing, ...[...candidates.values()].flat()]);
  const kept: Kept = new Map();
  const judge = (one: Written, entries: readonly Written[], shared: boolean) => {
    const all = entries.flatMap((entry) => places.get(entry) ?? []);
    const verdict = verdictOf(all, shared, ended);
    if (verdict) kept.set(one, verdict);
  };
  for (const one of missing) judge(one, [one], false);
  for (const [one, entries] of candidates) judge(one, entries, true);
  return kept;
}
