import type { Fields, Level, Log } from "../model/log.ts";
import type { LogEvent } from "../model/log-events.ts";
import type { Entry, LogOptions, Sinks } from "./log-sinks.ts";

/** Resolves once every line is on disk and handed to the system's log, or after `close_ms`; no line may follow. */
export interface OpenLog extends Log {
  close(): Promise<void>;
}

const close_ms = 1000;

/**
 * The log of one executable: a file of JSON lines and, where there is one, syslog or journald. A file that can't be
 * written must not stop a failover: its lines go to standard error instead. winston is loaded after the first line, and
 * never without one (measured: 12 ms). A line is written `delay_ms` after it was said: so the commands to Redis that it is
 * about have gone out, however slow the disk. Who ends the process earlier must wait for `close`.
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

/** Wherever a log is asked for that nobody reads. */
export const silentLog: Log = { error() {}, warn() {}, info() {}, debug() {}, child: () => silentLog };
