import { statSync } from "node:fs";
import { basename } from "node:path";
import type { Kept } from "../model/kept.ts";
import { keptIn, numberOf } from "./quarantine.ts";

/** One file of the quarantine, as `diverged list` shows it. */
export interface KeptFile {
  id: number;
  file: string;
  kind: "writes" | "dump";
  bytes: number;
  about: Kept | undefined;
}

export const keptFiles = (folder: string): KeptFile[] =>
  keptIn(folder).map(({ file, about }) => ({
    id: numberOf(basename(file)),
    file,
    kind: file.endsWith(".aof") ? "writes" : "dump",
    bytes: statSync(file).size,
    about,
  }));

/** As other nodes may read it: how many keys were changed, but not which. */
export function withoutKeyNames({ id, kind, bytes, about }: KeptFile): Omit<KeptFile, "file"> {
  const changed = about?.changed;
  const counted = <T extends { count: number }>(list: T) => ({ ...list, keys: [] });
  const counts = changed && {
    here: counted(changed.here),
    master: counted(changed.master),
    both: counted(changed.both),
  };
  return { id, kind, bytes, about: about && { ...about, changed: counts } };
}
