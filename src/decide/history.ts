import type { History, Relation } from "../model/history.ts";

/** A replication id, and the last offset that a data set has under it. */
interface Branch {
  id: string;
  until: number;
}

/** The last offset that both have under the same id; undefined if they have no common id. */
export function lastCommon(ours: readonly Branch[], theirs: readonly Branch[]): number | undefined {
  let at: number | undefined;
  for (const a of ours) {
    for (const b of theirs) {
      if (a.id === b.id) at = Math.max(at ?? 0, Math.min(a.until, b.until));
    }
  }
  return at;
}

export function compareHistories(ours: History, theirs: History): Relation {
  if (ours.uncounted || theirs.uncounted) return { kind: "unrelated" };
  const at = lastCommon(branches(ours), branches(theirs));
  if (at === undefined) return { kind: "unrelated" };
  const oursBeyond = ours.offset - at;
  const theirsBeyond = theirs.offset - at;
  if (oursBeyond > 0 && theirsBeyond > 0) return { kind: "diverged", at, ours: oursBeyond, theirs: theirsBeyond };
  if (oursBeyond > 0) return { kind: "ahead", ours: oursBeyond };
  if (theirsBeyond > 0) return { kind: "behind", theirs: theirsBeyond };
  return { kind: "same" };
}

export function branches({ id, offset, previous }: History): Branch[] {
  const own = { id, until: offset };
  return previous ? [own, { id: previous.id, until: Math.min(previous.until, offset) }] : [own];
}

/** The other data set has all local writes, so following it overwrites none. */
export const contained = (relation: Relation): boolean => relation.kind === "same" || relation.kind === "behind";

/** Bytes of the history that only the local data set has. */
export function bytesBeyond(relation: Exclude<Relation, { kind: "unrelated" }>): number {
  return relation.kind === "ahead" || relation.kind === "diverged" ? relation.ours : 0;
}
