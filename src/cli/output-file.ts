import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { CommandRefused } from "../cluster/errors.ts";
import { writeAtomically } from "../system/atomic-file.ts";

/** Writes the file of an option atomically. Throws a CommandRefused. */
export function writeOutput(file: string, text: string, mode: number, option = "--output"): void {
  const cantWrite = (why: string) =>
    new CommandRefused(`can't write ${file}: ${why}`, {
      remedy: `name another place with ${option} FILE, or omit it to print to standard output`,
    });
  const target = targetOf(file, cantWrite);
  try {
    writeAtomically(target, text, { mode });
  } catch (error) {
    throw cantWrite((error as NodeJS.ErrnoException).code ?? String(error));
  }
}

/** The target of a symbolic link, so that the link stays one. */
function targetOf(file: string, cantWrite: (why: string) => CommandRefused): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) {
    // A missing folder is probably a misspelt path, so it is not made.
    if (!existsSync(dirname(file))) throw cantWrite("ENOENT");
    return file;
  }
  if (!stats.isFile()) throw cantWrite("it is not a regular file");
  return realpathSync(file);
}
