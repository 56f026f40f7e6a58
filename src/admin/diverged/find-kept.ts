import { CommandRefused } from "../../cluster/errors.ts";
import type { Kept } from "../../model/kept.ts";
import { type KeptFile, keptFiles } from "../../state/kept-files.ts";
import { descriptionOf } from "../../state/quarantine.ts";

/** `latest`: the newest file. Throws a CommandRefused if there is no such file, or no description of it. */
export function find(folder: string, id: number | "latest"): KeptFile & { about: Kept } {
  const found = keptFiles(folder).find((one) => id === "latest" || one.id === id);
  if (!found)
    throw new CommandRefused(`nothing is kept as ${id} on this node`, { remedy: "`diverged list` shows what is kept" });
  if (!found.about || (found.kind === "writes" && !found.about.writes))
    throw new CommandRefused(`${descriptionOf(found.file)} is missing or damaged`, {
      remedy:
        found.kind === "writes"
          ? "the writes can still be read: it is an append-only file"
          : "docs/quarantine.md tells how to read the dump",
    });
  return { ...found, about: found.about };
}
