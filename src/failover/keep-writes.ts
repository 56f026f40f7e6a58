import { closeSync, fsync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { DivergedWrites } from "../model/kept.ts";
import type { Observed } from "../model/observation.ts";
import { CommandReader, encodeWords } from "../redis/command-reader.ts";
import { changesNoData, WriteCounter } from "../redis/count-writes.ts";
import { databaseAt } from "../redis/last-select.ts";
import { readTail, type Tail } from "../redis/read-tail.ts";
import { type Endpoint, endpointOf } from "../redis/session.ts";
import { giveToFolderOwner } from "../system/owner.ts";
import type { PlanContext } from "./context.ts";

/** The file can't be written. */
class NotSaved extends Error {}

/** The diverged writes were kept, there are none, or they can't be read. */
export type KeptWrites =
  | { kind: "kept"; writes: DivergedWrites }
  | { kind: "none" }
  | { kind: "unreadable"; why: string };

// The backlog of the generated redis.conf, 64 MB, takes a second.
const read_ms = 30_000;
const buffer_bytes = 256 * 1024;

/**
 * Keeps what the local Redis has taken after the offset `after` as an append-only file, which is on the disk when this resolves. Called
 * behind the fence, on a master. `onlyDatabase` tells the one that both sides use, if it is one. Rejects with the error of the file system; then there is no file.
 */
export async function keepWrites(
  context: PlanContext,
  held: Observed,
  after: number,
  file: string,
  onlyDatabase: () => Promise<number | undefined>,
): Promise<KeptWrites> {
  const { history, backlogFrom } = held;
  if (backlogFrom === undefined || backlogFrom > after + 1)
    return { kind: "unreadable", why: "the replication backlog no longer holds the first of these writes" };
  const endpoint = endpointOf(context.cluster, context.node, context.password);
  const tail = { id: history.id, after, until: history.offset };
  try {
    const found = await survey(endpoint, tail);
    if (found.writes + found.deletions === 0) return { kind: "none" };
    const database = found.namesDatabase
      ? 0
      : ((await databaseAt(endpoint, { id: history.id, backlogFrom }, after, read_ms)) ?? (await onlyDatabase()));
    if (database === undefined)
      return { kind: "unreadable", why: "the database of the first of these writes is not known" };
    const databases = await save(endpoint, tail, database, file);
    const { writes, deletions, namesDatabase } = found;
    return {
      kind: "kept",
      writes: { after, writes, deletions, databases, ...(namesDatabase ? {} : { selected: database }) },
    };
  } catch (error) {
    if (error instanceof NotSaved) throw error;
    return { kind: "unreadable", why: `the writes can't be read: ${(error as Error).message}` };
  }
}

/** Counts the writes, and finds out whether a SELECT comes before the first of them. */
async function survey(endpoint: Endpoint, tail: Tail) {
  const counter = new WriteCounter();
  let selected = false;
  let namesDatabase: boolean | undefined;
  const reader = new CommandReader((name) => {
    if (name === "select") selected = true;
    else if (name !== "multi" && !changesNoData(name)) namesDatabase ??= selected;
  }, 0);
  await readTail(endpoint, tail, read_ms, (bytes) => {
    counter.push(bytes);
    reader.push(bytes);
  });
  if (!reader.between) throw new Error("it ends amid a command");
  return { ...counter.count, namesDatabase: namesDatabase === true };
}

/** Writes the commands that change data, and returns the databases that they change. */
async function save(endpoint: Endpoint, tail: Tail, first: number, file: string): Promise<number[]> {
  const databases = new Set<number>();
  let database = first;
  const out = new NewFile(file);
  try {
    out.append(encodeWords([Buffer.from("SELECT"), Buffer.from(String(first))]));
    const reader = new CommandReader((name, words) => {
      if (name === "select") database = Number(words[1]?.toString("latin1"));
      else if (changesNoData(name)) return;
      // A transaction may have been announced before its SELECT.
      else if (name !== "multi" && name !== "exec") databases.add(database);
      out.append(encodeWords(words));
    });
    await readTail(endpoint, tail, read_ms, (bytes) => reader.push(bytes));
    await out.finish();
  } catch (error) {
    out.discard();
    throw error;
  }
  return [...databases].sort((a, b) => a - b);
}

/** A file that has its name once it is whole, and on the disk. Throws NotSaved. */
class NewFile {
  readonly #file: string;
  readonly #partial: string;
  readonly #descriptor: number;
  #unwritten: Buffer[] = [];
  #bytes = 0;

  constructor(file: string) {
    this.#file = file;
    this.#partial = `${file}.part`;
    this.#descriptor = saved(() => openSync(this.#partial, "w", 0o600));
    giveToFolderOwner(this.#partial);
  }

  append(bytes: Buffer): void {
    this.#unwritten.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= buffer_bytes) this.#flush();
  }

  async finish(): Promise<void> {
    this.#flush();
    try {
      await toDisk(this.#descriptor);
      renameSync(this.#partial, this.#file);
      await syncFolder(dirname(this.#file));
    } catch (error) {
      throw notSaved(error);
    }
    closeSync(this.#descriptor);
  }

  discard(): void {
    closeSync(this.#descriptor);
    rmSync(this.#partial, { force: true });
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#unwritten);
    this.#unwritten = [];
    this.#bytes = 0;
    saved(() => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    });
  }
}

function saved<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw notSaved(error);
  }
}

const notSaved = (error: unknown) => new NotSaved((error as Error).message);

/**
 * Not fsyncSync: a disk that writes a snapshot takes seconds for it, in which an agent that stands still has no heartbeat, and hooks begin
 * the same transition (seed 2812 of chaos, round 50).
 */
const toDisk = promisify(fsync);

/** So that the new name survives a power cut as well. */
async function syncFolder(folder: string): Promise<void> {
  const descriptor = openSync(folder, "r");
  try {
    await toDisk(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
