import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { giveToFolderOwner } from "./owner.ts";

export interface AtomicWrite {
  /** Permissions of the file. */
  mode?: number;
  /** Folder of the temporary file, on the same file system. Needed only where the folder of the file is watched. */
  via?: string;
}

/**
 * Writes a file by rename(2): a reader gets the old text or the new text, never a part of it. Makes missing folders. It belongs to the
 * owner of the temporary file's folder. Throws the error of the file system; the temporary file is removed then.
 */
export function writeAtomically(file: string, text: string, { mode = 0o644, via }: AtomicWrite = {}): void {
  const folder = via ?? dirname(file);
  const temporary = join(folder, `.${basename(file)}.${process.pid}`);
  try {
    write(temporary, text, mode);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function write(temporary: string, text: string, mode: number): void {
  try {
    writeNew(temporary, text, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Most writes find the folder, and nothing of a process that had the same id, so they do not check for it first.
    if (code === "EEXIST") rmSync(temporary);
    else if (code === "ENOENT") mkdirSync(dirname(temporary), { recursive: true, mode: 0o755 });
    else throw error;
    if (code === "ENOENT") giveToFolderOwner(dirname(temporary));
    writeNew(temporary, text, mode);
  }
}

/** A new file: in a folder of another user, root must not write where a symbolic link leads. */
function writeNew(temporary: string, text: string, mode: number): void {
  writeFileSync(temporary, text, { mode, flag: "wx" });
  giveToFolderOwner(temporary);
}
