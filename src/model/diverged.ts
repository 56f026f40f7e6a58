export interface Key {
  database: number;
  /** Its bytes in latin1. */
  name: string;
}

/** One command of diverged writes, or of the history of the master. */
export interface Write {
  database: number;
  words: Buffer[];
  /** The keys that it changes. Undefined: it may change any key (FLUSHALL, SWAPDB). */
  keys: Key[] | undefined;
  /** How it is shown, if not by its words. */
  shown?: string | undefined;
}

/** Writes that are applied together or not at all: a transaction, a script, or one command. */
export type Unit = Write[];

/** Keys that were changed since the parting point. */
export interface Touched {
  /** Set if this can't be known: the history of the master does not reach back to the parting point. */
  unknown?: string | undefined;
  /** The last write of each, by `keyOf`. */
  keys: Map<string, Write>;
  /** A command may have changed any key. */
  any?: Write | undefined;
}

/** A unit that is not applied, and why. */
export interface Conflict {
  unit: Unit;
  /** The key that stands against it; undefined if the unit may change any key. */
  key?: Key | undefined;
  why: string;
  /** The last write of the master to that key. */
  theirs?: Write | undefined;
}
