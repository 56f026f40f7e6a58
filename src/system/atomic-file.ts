import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface AtomicWrite {
  /** Permissions of the file. */
  mode?: number;
  /** Folder of the temporary file, on the same file system. Needed only where the folder of the file is watched. */
  via?: string;
}

/**
 * Writes a file by rename(2): a reader gets the old text or the new text, never a part of it. Makes missing folders. Throws
 * the error of the file system; the temporary file is removed then.
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
    writeFileSync(temporary, text, { mode });
  } catch (error) {
    // Most writes find the folder, so they do not check for it first.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(temporary), { recursive: true, mode: 0o755 });
    writeFileSync(temporary, text, { mode });
  }
}
