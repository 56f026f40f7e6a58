import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import { hashOf, type JournalFile, journalOf, readJournal, writeJournal } from "./journal.ts";
import type { PlannedFile } from "./planned-file.ts";

export const backupOf = (path: string): string => `${path}.before-keepalived-redis`;

/** A file that is not yet as it should be. */
export interface Change extends PlannedFile {
  /** What is there now. */
  before: string | undefined;
}

/** The files below `root` that differ from what is planned, in their text or their mode. */
export const changesOf = (files: readonly PlannedFile[], root: string): Change[] =>
  files.flatMap((file) => {
    const path = join(root, file.path);
    const stats = statSync(path, { throwIfNoEntry: false });
    const before = stats && textAt(path);
    const same = before === file.text && (stats?.mode ?? 0) % 0o1000 === modeOf(file, root);
    return same ? [] : [{ ...file, before }];
  });

function textAt(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandRefused(`can't read ${path}, which init is to replace: ${(error as NodeJS.ErrnoException).code}`, {
      remedy: "move it away, and run init again",
    });
  }
}

/** Makes one change: a copy of what was there, an entry in the journal, and then the file in one go. Safe to be killed at any place. */
export function makeChange(change: Change, clusterFile: string, root: string): void {
  const path = join(root, change.path);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    remember(change, clusterFile, root);
    replace(existsSync(path) ? realpathSync(path) : path, change.text, modeOf(change, root), owner(change, root));
  } catch (error) {
    throw new CommandRefused(`can't write ${path}: ${(error as NodeJS.ErrnoException).code ?? error}`, {
      remedy: "put that right and run init again: it goes on; init --undo puts back what it has changed",
    });
  }
}

function remember({ path, before, text }: Change, clusterFile: string, root: string): void {
  const file = journalOf(join(root, clusterFile));
  const journal = readJournal(file) ?? { files: [] };
  const known = journal.files.find((one) => one.path === path);
  if (!known && before !== undefined) copyWithOwner(join(root, path), backupOf(join(root, path)));
  const { existed, wrote } = known ?? { existed: before !== undefined, wrote: [] };
  const entry = { path, existed, wrote: [...new Set([...wrote, hashOf(text)])] };
  const files = known ? journal.files.map((one) => (one === known ? entry : one)) : [...journal.files, entry];
  writeJournal(file, { ...journal, files });
}

/** A copy that is whole or not there, as open as the file. */
export function copyWithOwner(from: string, to: string): void {
  const partial = `${to}.part`;
  const stats = statSync(from);
  copyFileSync(from, partial);
  chownSync(partial, stats.uid, stats.gid);
  chmodSync(partial, stats.mode);
  renameSync(partial, to);
}

/** Puts one file back. Does nothing where that was done already. */
export function putBack({ path, existed }: JournalFile, root: string): void {
  const at = join(root, path);
  if (!existed) rmSync(at, { force: true });
  else if (existsSync(backupOf(at))) renameSync(backupOf(at), existsSync(at) ? realpathSync(at) : at);
}

const statsLike = ({ like }: PlannedFile, root: string): Stats | undefined =>
  like === undefined ? undefined : statSync(join(root, like), { throwIfNoEntry: false });

// A file as open as redis.conf may be must not show the password to everybody.
function modeOf(file: PlannedFile, root: string): number {
  const stats = statsLike(file, root);
  if (!stats) return file.mode ?? 0o644;
  return stats.mode & 0o777 & (file.path === file.like ? 0o777 : 0o770);
}

function owner(file: PlannedFile, root: string): { uid: number; gid: number } | undefined {
  const stats = statsLike(file, root);
  return stats && { uid: stats.uid, gid: stats.gid };
}

// One name, so that a run after a kill overwrites what is left.
function replace(path: string, text: string, mode: number, like: { uid: number; gid: number } | undefined): void {
  const temporary = join(dirname(path), `.${basename(path)}.keepalived-redis-new`);
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode: 0o600 });
  if (like) chownSync(temporary, like.uid, like.gid);
  chmodSync(temporary, mode);
  renameSync(temporary, path);
}
