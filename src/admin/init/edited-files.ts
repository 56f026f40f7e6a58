import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandRefused } from "../../cluster/errors.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { type Ask, missing } from "./ask.ts";
import { backupOf, type Change, copyWithOwner } from "./change-files.ts";
import { hashOf, type JournalFile } from "./journal.ts";
import { diffOf } from "./show-change.ts";

/** The files that somebody has edited since init wrote them, as the changes that --undo makes to them. */
export function editedFiles(files: readonly JournalFile[], root: string): Change[] {
  return files.flatMap(({ path, existed, wrote }) => {
    const at = join(root, path);
    const [before, kept] = [readIfPresent(at), existed ? readIfPresent(backupOf(at)) : ""];
    // Without the copy it was put back already.
    if (before === undefined || kept === undefined) return [];
    return wrote.includes(hashOf(before)) || before === kept ? [] : [{ path, before, text: kept }];
  });
}

/** Shows what is lost with the edited files, and asks. Rejects with a CommandRefused or a UsageError. */
export async function confirmLoss(edited: readonly Change[], secrets: readonly string[], ask: Ask): Promise<void> {
  if (edited.length === 0) return;
  for (const change of edited) process.stdout.write(`${diffOf(change, secrets)}\n`);
  const paths = edited.map(({ path }) => path).join(", ");
  const text = `Undo ${paths}, edited since init wrote ${edited.length === 1 ? "it" : "them"}, and keep a copy`;
  if (!ask) throw missing("--yes", text);
  const said = await ask(`${text}? (yes or no)`, "yes");
  if (!/^y(es)?$/i.test(said || "yes")) throw new CommandRefused("nothing was changed");
}

/** Copies an edited file beside itself, and returns the name of the copy. An earlier copy stays. */
export function keepCopy({ path }: Change, root: string): string {
  const at = join(root, path);
  const taken = (name: string) => existsSync(join(root, name)) && readIfPresent(join(root, name)) !== readIfPresent(at);
  let copy = `${path}.before-undo`;
  for (let count = 2; taken(copy); count++) copy = `${path}.before-undo-${count}`;
  copyWithOwner(at, join(root, copy));
  return copy;
}
