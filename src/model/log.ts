import type { LogEvent } from "./log-events.ts";

export type Level = "error" | "warn" | "info" | "debug";

export type Fields = Record<string, unknown>;

/** One line: `event` for programs, `message` for people. */
type Say = (event: LogEvent, message: string, fields?: Fields) => void;

/** What a room needs of the log. */
export interface Log {
  error: Say;
  warn: Say;
  info: Say;
  debug: Say;
  /** The same log with these fields in each line. */
  child(fields: Fields): Log;
}
