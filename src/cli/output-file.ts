import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { CommandRefused } from "../cluster/errors.ts";
import { writeAtomically } from "../system/atomic-file.ts";

/** Writes the file of `--output` atomically. Throws a CommandRefused. */
export function writeOutput(file: string, text: string, mode: number): void {
  const target = targetOf(file);
  try {
    writeAtomically(target, text, { mode });
  } catch (error) {
    throw cantWrite(file, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

/** The target of a symbolic link, so that the link stays one. */
function targetOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) {
    // A missing folder is probably a misspelt path, so it is not made.
    if (!existsSync(dirname(file))) throw cantWrite(file, "ENOENT");
    return file;
  }
  if (!stats.isFile()) throw cantWrite(file, "it is not a regular file");
  return realpathSync(file);
}

const cantWrite = (file: string, why: string): CommandRefused =>
  new CommandRefused(`can't write ${file}: ${why}`, {
    remedy: "name another place with --output FILE, or omit it to print to standard output",
  });
