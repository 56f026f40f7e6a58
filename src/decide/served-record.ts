import type { History, Relation } from "../model/history.ts";
import type { Observed } from "../model/observation.ts";
import type { Served } from "../model/served.ts";
import { branches, compareHistories, lastCommon } from "./history.ts";
import { goesOn, type ServedNow } from "./served.ts";

/**
 * The record of what was served: each health check compares it with what is being served now.
 */

// A record is not written at each check.
const betweenMarks_ms = 2000;

/**
 * The record after this; the same object if nothing has to be written. While Keepalived of this node is stopped, what it left to other
 * nodes stays in it.
 */
export function remembered(
  last: Served | undefined,
  now: ServedNow | undefined,
  at_ms: number,
  keepalivedStopped = false,
): Served | undefined {
  if (!last?.stopped) return newRecord(last, now, at_ms);
  const { stopped, ...before } = last;
  const after = newRecord(before, now, at_ms);
  if (!keepalivedStopped && now) return after;
  return after === before || !after ? last : { ...after, stopped };
}

function newRecord(before: Served | undefined, now: ServedNow | undefined, at_ms: number): Served | undefined {
  if (!now || now.seen.history.uncounted) return before;
  const { history } = now.seen;
  if (!before) return recordOf(now, history, at_ms, beginning(now, at_ms));
  const changed = hasChanged(before, now.seen);
  if (before.history.id === history.id) {
    const seenAt = { runId: now.seen.runId, unsaved: now.seen.unsaved };
    if (savedSince(before, now.seen)) return { ...before, seenAt };
    if (copiedSince(before, now))
      return { ...before, seenAt, marks: thinned([...marksAt(at_ms, before), { offset: history.offset, at_ms }]) };
    const early = at_ms - before.at_ms < betweenMarks_ms && at_ms >= before.at_ms;
    if (!changed || early || history.offset <= before.history.offset) return before;
    return recordOf(now, history, at_ms, marksAt(at_ms, before), before.earlier);
  }
  const relation = relationSince(before, history);
  const earlier = earlierIds(before, history, relation);
  if (!goesOn(relation.kind)) return recordOf(now, history, at_ms, marksUpTo(relation, before, now, at_ms), earlier);
  const offset = changed ? history.offset : before.history.offset;
  return recordOf(now, { ...history, offset }, at_ms, marksAt(at_ms, before), earlier);
}

/**
 * Two promotions between two checks leave no common id, since Redis remembers one before its own. But the offset grows over promotions
 * and copies, and what is served now is newer in any case.
 */
function relationSince({ history: before, earlier = [] }: Served, history: History): Relation {
  const relation = compareHistories(before, history);
  if (relation.kind !== "unrelated") return relation;
  const theirs = history.offset - before.offset;
  if (theirs >= 0) return { kind: "behind", theirs };
  const at = lastCommon(branches(history), earlier);
  return at === undefined ? relation : { kind: "diverged", at, ours: before.offset - at, theirs: history.offset - at };
}

// More promotions than these between two snapshots are not expected.
const maxEarlier = 8;

/** The ids before that of `history`, as far as it has what they stand for. */
function earlierIds(before: Served, history: History, relation: Relation): NonNullable<Served["earlier"]> {
  if (relation.kind === "unrelated") return [];
  const { id, offset, previous } = before.history;
  const common = relation.kind === "diverged" ? relation.at : Math.min(offset, history.offset);
  const last = history.previous?.id === id ? history.previous.until : common;
  return [{ id, until: last }, ...(before.earlier ?? (previous ? [previous] : []))]
    .map((one) => ({ id: one.id, until: Math.min(one.until, last) }))
    .filter((one) => one.id !== history.id)
    .slice(0, maxEarlier);
}

/**
 * A snapshot that this node takes of a copy, before the first mark, is no older than the copy. A replica with a previous id has not
 * copied: it went on from what it had, which may be an old snapshot (REPLICAOF after a full copy clears that id).
 */
const beginning = ({ seen: { history }, copied }: ServedNow, at_ms: number): Served["marks"] =>
  copied && !history.previous ? [{ offset: 0, at_ms }] : [];

/**
 * Something else is served than before, such as an older snapshot: the marks of what both have in common stay, and that is what is
 * served now. Without them a snapshot of that part would seem to be of an unknown time. On a replica the common part ends where it went on
 * from its own snapshot: that one is as old as it was (34 s of writes were served as 3 s, seed 921 of chaos).
 */
function marksUpTo(relation: Relation, before: Served, now: ServedNow, at_ms: number): Served["marks"] {
  const { copied, seen } = now;
  const { history } = seen;
  if (relation.kind === "unrelated") return beginning(now, at_ms);
  const common = relation.kind === "diverged" ? relation.at : Math.min(before.history.offset, history.offset);
  const marks = marksAt(at_ms, before).filter(({ offset }) => offset <= common);
  return common < history.offset && !copied ? [...marks, { offset: common, at_ms }] : marks;
}

/** If the clock was set back, the marks are set back with it, so that the ages stay right. */
function marksAt(at_ms: number, before: Served): Served["marks"] {
  const { marks, history, unchangedUntil_ms } = before;
  if (at_ms < before.at_ms) return marks.map((mark) => ({ ...mark, at_ms: mark.at_ms - (before.at_ms - at_ms) }));
  const offset = Math.max(history.offset, marks.at(-1)?.offset ?? 0);
  return unchangedUntil_ms !== undefined && unchangedUntil_ms < at_ms
    ? [...marks, { offset, at_ms: unchangedUntil_ms }]
    : marks;
}

/** What is served has not been written to since the record was made. */
export const unwritten = (record: Served | undefined, now: ServedNow | undefined): boolean =>
  record !== undefined &&
  now !== undefined &&
  record.history.id === now.seen.history.id &&
  now.seen.unsaved !== undefined &&
  sameCount(record, now.seen);

/** Data were written since the record was made. Not known of another server: then they may have been. */
function hasChanged(before: Served, seen: Observed): boolean {
  if (!seen.unsaved) return true;
  // After a snapshot, or a start, the count begins anew. What came between the record and a snapshot is less than `betweenMarks_ms` old.
  return seen.unsaved.count > 0 && !sameCount(before, seen);
}

/**
 * It took a snapshot, and counted no write since. What it counts is compared with this from now on, so that the time until the next write
 * does not make that snapshot old (seed 1502 of chaos: 4 s were called 11). What came between the record and the snapshot is less than
 * `betweenMarks_ms` old then.
 */
const savedSince = ({ seenAt }: Served, { runId, unsaved }: Observed): boolean =>
  seenAt.runId === runId && unsaved?.count === 0 && seenAt.unsaved?.savedAt_s !== unsaved.savedAt_s;

/**
 * A replica that was restarted has what is served now, and counts no write since. How much of the bytes since the record is data is not known,
 * so the record stays; but a snapshot that it takes later is no older than this, and not than the end of the idle time after it.
 */
const copiedSince = (
  { seenAt, history: last }: Served,
  { copied, seen: { runId, unsaved, history } }: ServedNow,
): boolean => copied === true && seenAt.runId !== runId && unsaved?.count === 0 && history.offset >= last.offset;

const sameCount = ({ seenAt }: Served, { runId, unsaved }: Observed): boolean =>
  seenAt.runId === runId &&
  seenAt.unsaved?.count === unsaved?.count &&
  seenAt.unsaved?.savedAt_s === unsaved?.savedAt_s;

const recordOf = (
  { by, seen: { runId, unsaved, keys } }: ServedNow,
  history: History,
  at_ms: number,
  marks: Served["marks"],
  earlier: NonNullable<Served["earlier"]> = [],
): Served => ({
  history,
  ...(earlier.length > 0 ? { earlier } : {}),
  at_ms,
  by,
  seenAt: { runId, unsaved },
  keys,
  marks: thinned([...marks, { offset: history.offset, at_ms }]),
});

/**
 * The older the marks are, the fewer are kept. One goes only when its neighbours are no farther apart than the newer of them is old, so
 * an age is known to a factor of two; the oldest one stays. Otherwise a snapshot of 8 s before was of an unknown time (seed 1502 of chaos).
 */
function thinned(marks: Served["marks"]): Served["marks"] {
  const newest_ms = marks.at(-1)?.at_ms ?? 0;
  const kept: Served["marks"] = [];
  for (const [index, mark] of marks.entries()) {
    const [older, newer] = [kept.at(-1), marks[index + 1]];
    // Of two positions of one moment the earlier one says more.
    const known =
      older && newer && (older.at_ms === mark.at_ms || newer.at_ms - older.at_ms <= newest_ms - newer.at_ms);
    if (!known) kept.push(mark);
  }
  return kept;
}
