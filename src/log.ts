import { once } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createLogger, format, transports } from "winston";
import { type Fields, type Level, logLine, type Origin } from "./log-line.ts";
import { SystemLog } from "./system-log.ts";

/** What a room needs of the log. */
export interface Log {
  error(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  /** The same log with these fields in each line. */
  child(fields: Fields): Log;
}

export interface LogOptions {
  file: string;
  level: Level;
  origin: Origin;
  /** Passwords: never in a line, whatever an error message quotes. */
  secrets: string[];
}

/** Resolves once every line is on disk and handed to the system's log; a line before `process.exit` is lost without it. */
export interface OpenLog extends Log {
  close(): Promise<void>;
}

const close_ms = 500;

/**
 * The log of one executable: a file of JSON lines and, where there is one, syslog or journald. A folder that can't be
 * written must not stop a failover: then the lines go to the system's log and to standard error.
 */
export function openLog({ file, level, origin, secrets }: LogOptions): OpenLog {
  const line = format.printf(({ level, message, ...fields }) =>
    logLine(level as Level, String(message), origin, fields, secrets),
  );
  const destination = fileTransport(file);
  const logger = createLogger({
    level,
    format: line,
    transports: [destination.transport, new SystemLog(origin.executable)],
  });
  // A transport that fails must not end the process (an EventEmitter without a listener would).
  logger.on("error", () => undefined);
  if (destination.problem)
    logger.warn(`can't write the log ${file}, using standard error`, { error: destination.problem });
  return {
    ...levels(logger, {}),
    async close() {
      logger.end();
      const finished = Promise.all([once(destination.transport, "finish"), once(logger, "finish")]);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, close_ms);
      });
      await Promise.race([finished, late]).catch(() => undefined);
      clearTimeout(timer);
    },
  };
}

type Write = Pick<ReturnType<typeof createLogger>, "log">;

function levels(logger: Write, always: Fields): Log {
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}) =>
      void logger.log(level, message, { ...always, ...fields });
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    child: (fields) => levels(logger, { ...always, ...fields }),
  };
}

function fileTransport(file: string) {
  const stderr = (problem: string) => ({ transport: new transports.Stream({ stream: process.stderr }), problem });
  try {
    const folder = dirname(file);
    // Keepalived starts its hooks with umask 0177, which makes folders that nobody can enter.
    if (mkdirSync(folder, { recursive: true })) chmodSync(folder, 0o755);
    return {
      transport: new transports.File({ filename: file, options: { flags: "a", mode: 0o644 } }),
      problem: undefined,
    };
  } catch (error) {
    return stderr((error as Error).message);
  }
}

/** For tests, and wherever a log is asked for that nobody reads. */
export const silentLog: Log = { error() {}, warn() {}, info() {}, debug() {}, child: () => silentLog };
