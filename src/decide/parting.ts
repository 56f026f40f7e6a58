import type { History } from "../model/history.ts";
import type { Promotion } from "../model/promotion.ts";
import { branches, compareHistories, lastCommon } from "./history.ts";

/** From where the writes of two masters are counted, to decide which of them stays. */

/** The offset after which each has its own writes; undefined if there are none, or if it is not known. */
function partingOf(ours: History, theirs: History): number | undefined {
  const relation = compareHistories(ours, theirs);
  if (relation.kind === "same") return undefined;
  if (relation.kind === "unrelated") return probableParting(ours, theirs);
  return relation.kind === "behind" ? ours.offset : ours.offset - relation.ours;
}

/**
 * The offset from which the writes of each count. One that had resigned, and was promoted again while it was cut off, took those in
 * between for nobody: a script went on for a second (seed 1702 of chaos, round 188), its keys expired. Both nodes know that: the one that it
 * resigned, and how far it had come; the other one that it had resigned before its own promotion.
 */
export function countedFrom(
  ours: History,
  theirs: History,
  peer: string,
  promotion: Promotion | undefined,
): { ours: number; theirs: number } | undefined {
  const at = partingOf(ours, theirs);
  if (at === undefined) return undefined;
  const [mine, other] = [ours.previous, theirs.previous];
  if (!mine || !other || mine.id !== other.id || promotion?.id !== ours.id) return { ours: at, theirs: at };
  const weResigned = promotion.resignedAt !== undefined && promotion.resignedAt <= other.until;
  return {
    ours: weResigned ? Math.max(at, mine.until) : at,
    theirs: promotion.resigned.includes(peer) ? Math.max(at, other.until) : at,
  };
}

/**
 * Where two histories that can't be compared probably parted: at the later of the last promotions. A server that was restarted and promoted
 * twice knows only the last two of its ids, but the offset grows over promotions; that of one whose writes are uncounted stands still since
 * its promotion. Both nodes come to the same answer. Nothing may be overwritten because of it: it only tells from where the clients' writes
 * are counted.
 */
export function probableParting(ours: History, theirs: History): number | undefined {
  const [a, b] = [ours.previous, theirs.previous];
  const at = a && b ? Math.max(a.until, b.until) : lastCommon(branches(ours), branches(theirs));
  if (at === undefined) return undefined;
  return [ours, theirs].every(({ uncounted, offset }) => uncounted || at <= offset) ? at : undefined;
}
