import type { History } from "./history.ts";

/** The description beside what is kept before data is overwritten. */
export interface Kept {
  why: string;
  /** ISO 8601. */
  when: string;
  node: string;
  /** The node that was followed then. */
  followed: string;
  /** Bytes of the history that only the local data set had; absent if the two could not be compared. */
  bytes_at_stake?: number | undefined;
  keys: number;
  history?: History | undefined;
  followed_history?: History | undefined;
  server?: string | undefined;
  server_version?: string | undefined;
  /** Of a file with diverged writes. */
  writes?: DivergedWrites | undefined;
  /** Why a dump was kept, and not the writes. */
  no_writes_because?: string | undefined;
  /** As `diverged apply` found it, also with `--dry-run`. */
  changed?: ChangedKeys | undefined;
  /** What `diverged apply` did. */
  applied?: Applied | undefined;
}

/** The keys that were changed after the parting point. */
export interface ChangedKeys {
  /** By the writes that are kept. */
  here: KeyList;
  /** By the master. */
  master: KeyList;
  both: KeyList;
}

export interface KeyList {
  count: number;
  /** The first thousand. Bytes that are no UTF-8 as base64. */
  keys: { database: number; key: string | { base64: string } }[];
}

export interface DivergedWrites {
  /** The offset of the parting point: all writes up to it are on both sides. */
  after: number;
  /** As WriteCount. */
  writes: number;
  deletions: number;
  databases: number[];
  /** The database that was selected at the parting point, if it is known. */
  selected?: number | undefined;
}

export interface Applied {
  /** ISO 8601, of the last `diverged apply`. */
  when: string;
  to: string;
  /** How many writes, or keys of a dump, were not applied. */
  left: number;
  /** The places in the file of the writes that were not applied, see state/places.ts. */
  places?: string | undefined;
  /** A transaction whose result is not known: its mark in the master's history, and the places of its writes. */
  pending?: { mark: string; places: string } | undefined;
}
