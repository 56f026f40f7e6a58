import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface AtomicWrite {
  /** Permissions of the file. */
  mode?: number;
  /** Where the temporary file is made, on the same file system. The folder of the file unless it is watched. */
  via?: string;
}

/**
 * Writes a file by rename(2): a reader has the old text or the new one, never half of it. Makes missing folders. Throws the
 * error of the file system, and then leaves nothing behind.
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
    // Made only when it is missing: asking first would cost every write.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(temporary), { recursive: true, mode: 0o755 });
    writeFileSync(temporary, text, { mode });
  }
}
