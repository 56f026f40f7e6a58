import { randomUUID } from "node:crypto";
import { type Forced, groupsOf, keysToWatch, sortOut } from "../../decide/diverged.ts";
import type { Conflict, Key, Unit } from "../../model/diverged.ts";
import { parseInfo } from "../../redis/info.ts";
import type { BinarySession } from "../../redis/ioredis-session.ts";
import { NoMaster } from "./apply-again.ts";
import type { MasterWrites } from "./master-writes.ts";

/** So many commands run as one: the server answers nobody else meanwhile, for some milliseconds. */
const batch = { commands: 500, bytes: 1024 ** 2 };
/** A client that writes the same keys all the time makes each attempt fail. */
const attempts = 20;

export interface ApplyResult {
  applied: Unit[];
  conflicts: Conflict[];
  /** Error replies, by unit. */
  failed: { unit: Unit; error: string }[];
}

/** What is said of each transaction, so that it is known also if its reply is lost. */
export interface Progress {
  /** Where its mark is published. */
  channel: string;
  /** It is about to be sent. */
  begin?(units: readonly Unit[], mark: string): void;
  /** It was carried out. */
  done?(applied: readonly Unit[]): void;
}

interface Mark {
  channel: string;
  mark: string;
}

const word = (text: string): Buffer => Buffer.from(text, "latin1");

/**
 * Applies units to the master, those that share keys in one transaction: it is done only if no client has changed one of these keys since
 * they were read (WATCH). Rejects if the master does not answer.
 */
export async function applyUnits(
  units: readonly Unit[],
  master: BinarySession,
  writes: MasterWrites,
  forced: Forced,
  progress: Progress,
): Promise<ApplyResult> {
  const result: ApplyResult = { applied: [], conflicts: [], failed: [] };
  for (const group of batchesOf(groupsOf(units))) {
    const { apply, conflicts, failed } = await applyBatch(group, master, writes, forced, progress);
    result.applied.push(...apply);
    result.conflicts.push(...conflicts);
    result.failed.push(...failed);
    progress.done?.(apply);
  }
  return result;
}

function* batchesOf(groups: readonly Unit[][]): Generator<Unit[]> {
  let next: Unit[] = [];
  let commands = 0;
  let bytes = 0;
  for (const group of groups) {
    const writes = group.flat();
    const size = writes.reduce((sum, { words }) => sum + words.reduce((all, one) => all + one.length, 0), 0);
    if (next.length > 0 && (commands + writes.length > batch.commands || bytes + size > batch.bytes)) {
      yield next;
      [next, commands, bytes] = [[], 0, 0];
    }
    next.push(...group);
    commands += writes.length;
    bytes += size;
  }
  if (next.length > 0) yield next;
}

async function applyBatch(
  units: Unit[],
  master: BinarySession,
  writes: MasterWrites,
  forced: Forced,
  progress: Progress,
) {
  for (let attempt = 0; attempt < attempts; attempt++) {
    await watch(keysToWatch(units, forced), master);
    await writes.readUntil(await offsetOf(master));
    const { apply, conflicts } = sortOut(units, writes.touched, forced);
    const mark = { mark: randomUUID(), channel: progress.channel };
    progress.begin?.(apply, mark.mark);
    const replies = await inOneTransaction(apply, mark, master);
    if (!replies) continue;
    const failed = apply.flatMap((unit) => {
      const errors = unit.map(() => replies.shift()).filter((reply): reply is Error => reply instanceof Error);
      return errors[0] ? [{ unit, error: errors[0].message }] : [];
    });
    return { apply, conflicts, failed };
  }
  const why = `clients changed its keys ${attempts} times while it was being applied`;
  return { apply: [], conflicts: units.map((unit): Conflict => ({ unit, why })), failed: [] };
}

async function watch(keys: readonly Key[], master: BinarySession): Promise<void> {
  for (const database of new Set(keys.map((key) => key.database))) {
    const names = keys.filter((key) => key.database === database).map(({ name }) => word(name));
    await master.ask([word("SELECT"), word(String(database))]);
    await master.ask([word("WATCH"), ...names]);
  }
}

async function offsetOf(master: BinarySession): Promise<number> {
  const seen = parseInfo(String(await master.ask([word("INFO")])));
  if (seen?.role !== "master")
    throw new NoMaster("it is no master any more", { remedy: "run this again: it goes on from where it was" });
  return seen.history.offset;
}

/** The replies of the commands, without those of PUBLISH and SELECT; undefined if a watched key was changed. */
async function inOneTransaction(
  units: readonly Unit[],
  { mark, channel }: Mark,
  master: BinarySession,
): Promise<unknown[] | undefined> {
  await master.ask([word("MULTI")]);
  const isReply: boolean[] = [false];
  let selected: number | undefined;
  const sent: Promise<unknown>[] = [master.ask(["PUBLISH", channel, mark].map(word))];
  for (const { database, words } of units.flat()) {
    if (database !== selected) {
      sent.push(master.ask([word("SELECT"), word(String(database))]));
      isReply.push(false);
      selected = database;
    }
    sent.push(master.ask(words));
    isReply.push(true);
  }
  await Promise.all(sent);
  const replies = await master.ask([word("EXEC")]);
  return Array.isArray(replies) ? replies.filter((_, place) => isReply[place]) : undefined;
}
