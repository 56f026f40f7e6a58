import type { LogEvent } from "./log-events.ts";

export type Level = "error" | "warn" | "info" | "debug";

export type Fields = Record<string, unknown>;

/** Writes one log line: `event` for programs, `message` for people. */
type LogLine = (event: LogEvent, message: string, fields?: Fields) => void;

/** The log, as every module uses it. */
export interface Log {
  error: LogLine;
  warn: LogLine;
  info: LogLine;
  debug: LogLine;
  /** The same log, with these fields added to each line. */
  child(fields: Fields): Log;
}
