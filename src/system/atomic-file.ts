import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Refusal } from "../cluster/errors.ts";

/** Writes a file in one go: whoever reads it meanwhile has the old one or the new one. Throws a Refusal. */
export function replaceFile(file: string, text: string, mode: number): void {
  const target = targetOf(file);
  const fresh = `${target}.${process.pid}.new`;
  try {
    writeFileSync(fresh, text, { mode, flag: "wx" });
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw cantWrite(file, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

/** Where a symbolic link leads, so that it stays one. */
function targetOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) return file;
  if (!stats.isFile()) throw cantWrite(file, "it is there, and no file");
  return realpathSync(file);
}

const cantWrite = (file: string, why: string): Refusal =>
  new Refusal(`can't write ${file}: ${why}`, {
    hint: "name another place with --output FILE, or leave it out to print",
  });
