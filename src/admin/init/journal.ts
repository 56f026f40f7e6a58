import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { writeAtomically } from "../../system/atomic-file.ts";
import { readIfPresent } from "../../system/read-file.ts";

/**
 * What init has changed on this host, so that `--undo` can put it back. An entry is written before its change, so a kill between any
 * two steps loses none; and only once, so a second run keeps what was there at first.
 */
export interface Journal {
  files: JournalFile[];
  /** Settings of the local Redis and its role before. May hold a password: the file is readable by root only. */
  redis?: { role: "master" | "replica"; settings: Record<string, string> };
}

export interface JournalFile {
  path: string;
  existed: boolean;
  /** SHA-256 of each text that init has written there: one with another text was edited since. */
  wrote: string[];
}

export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

export const journalOf = (clusterFile: string): string => `${clusterFile}.init.json`;

export function readJournal(file: string): Journal | undefined {
  const text = readIfPresent(file);
  return text === undefined ? undefined : (JSON.parse(text) as Journal);
}

export const writeJournal = (file: string, journal: Journal): void =>
  writeAtomically(file, `${JSON.stringify(journal, undefined, 2)}\n`, { mode: 0o600 });

export const endJournal = (file: string): void => rmSync(file, { force: true });
