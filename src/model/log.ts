export type Level = "error" | "warn" | "info" | "debug";

export type Fields = Record<string, unknown>;

/** What a room needs of the log. */
export interface Log {
  error(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  /** The same log with these fields in each line. */
  child(fields: Fields): Log;
}
