import type { Fields, Level, Log } from "../model/log.ts";
import type { LogEvent } from "../model/log-events.ts";
import type { Entry, LogOptions, Sinks } from "./log-sinks.ts";

export interface OpenLog extends Log {
  /** Resolves once every line is in the file and in the system log, or after `close_ms`. No line may follow. */
  close(): Promise<void>;
}

const close_ms = 1000;

/**
 * The log of one executable: a file of JSON lines and, if available, syslog or journald. A file that can't be written must
 * not stop a failover: the lines go to standard error instead. winston, which takes 12 ms to load (measured), is loaded with
 * the first line. A line is written `delay_ms` after it was logged, so that a slow disk does not delay the commands to Redis
 * that follow. Before the process ends, `close` must be awaited.
 */
export function openLog(options: LogOptions, delay_ms = 5): OpenLog {
  const waiting: Entry[] = [];
  let sinks: Sinks | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const { openSinks } = await import("./log-sinks.ts");
    sinks ??= openSinks(options);
    for (const entry of waiting.splice(0)) sinks.write(entry);
  };
  const noSinks = ({ message }: Error) =>
    void process.stderr.write(`${options.origin.executable}: can't log: ${message}\n`);
  const write = (entry: Entry) => {
    waiting.push(entry);
    timer ??= setTimeout(() => void flush().catch(noSinks), delay_ms);
  };
  return {
    ...levels(write, {}),
    async close() {
      await flush().catch(noSinks);
      await sinks?.close(close_ms);
    },
  };
}

export function levels(write: (entry: Entry) => void, always: Fields): Log {
  const at =
    (level: Level) =>
    (event: LogEvent, message: string, fields: Fields = {}) =>
      write({ level, event, message, fields: { ...always, ...fields }, at: new Date() });
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    child: (fields) => levels(write, { ...always, ...fields }),
  };
}

/** A log that writes nothing. */
export const silentLog: Log = { error() {}, warn() {}, info() {}, debug() {}, child: () => silentLog };
