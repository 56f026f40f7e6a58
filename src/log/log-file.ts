import { appendFileSync, closeSync, constants, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { giveToFolderOwner } from "../system/owner.ts";

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
  const descriptor = open(file);
  try {
    appendFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

function open(file: string): number {
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  try {
    return openSync(file, O_WRONLY | O_APPEND);
  } catch (error) {
    if (!missing(error)) throw error;
    makeFolder(dirname(file));
    const descriptor = openSync(file, O_WRONLY | O_APPEND | O_CREAT, 0o644);
    giveToFolderOwner(file);
    return descriptor;
  }
}

// Without the `recursive` of mkdirSync, which never returns where a file system answers ENOENT to every new folder (/proc).
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    if (!missing(error) || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder, { mode: 0o755 });
  }
}

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";
