/** A file as init wants it to be. */
export interface PlannedFile {
  path: string;
  text: string;
  /** 0644 if nothing else is said. */
  mode?: number;
  /** Owner, group and mode are those of this file: Redis must be able to read it. */
  like?: string;
}

/** The text of a file, if it is there. */
export type Read = (path: string) => string | undefined;
