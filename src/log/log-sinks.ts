import { once } from "node:events";
import { createLogger, format } from "winston";
import Transport from "winston-transport";
import type { Fields, Level } from "../model/log.ts";
import type { LogEvent } from "../model/log-events.ts";
import { appendLogLine } from "./log-file.ts";
import { logLine, type Origin, redactor } from "./log-line.ts";
import type { LogSockets } from "./logger-process.ts";
import { SystemLog } from "./system-log.ts";

export interface LogOptions {
  file: string;
  level: Level;
  origin: Origin;
  /** Passwords. They are in no line, even if an error message quotes them. */
  secrets: readonly string[];
  /** Also write each message, as plain text, to standard error. */
  terminal?: boolean;
  sockets?: LogSockets;
}

/** A line to be written. */
export interface Entry {
  level: Level;
  event: LogEvent;
  message: string;
  fields: Fields;
  at: Date;
}

/** The destinations of the lines. Loaded late, see openLog. */
export interface Sinks {
  write(entry: Entry): void;
  /** Resolves when every line has reached all destinations, or after `deadline_ms`. Never rejects. */
  close(deadline_ms: number): Promise<void>;
}

/** A line as winston passes it to a transport: the entry, and the formatted text. */
type Formatted = Entry & { [formatted: symbol]: string };

// logform's key of the formatted text, the same in every copy of triple-beam.
const formatted = Symbol.for("message");

export function openSinks({ file, level, origin, secrets, terminal = false, sockets }: LogOptions): Sinks {
  const json = format.printf(({ level, event, message, fields, at }) =>
    logLine(level as Level, event as LogEvent, String(message), origin, fields as Fields, secrets, at as Date),
  );
  const name = origin.executable;
  const toFile = new CallbackTransport((line) => {
    try {
      appendLogLine(file, line[formatted] ?? "");
    } catch (error) {
      reportFailure(error as Error);
      // A person at a terminal has seen the error, and does not need the JSON.
      if (!terminal && !process.stderr.isTTY) printLine(line[formatted] ?? "");
    }
  });
  const transports: Transport[] = [toFile, new SystemLog(sockets)];
  if (terminal) {
    const redact = redactor(secrets);
    transports.push(new CallbackTransport(({ level, message }) => printLine(`${name}: ${level}: ${redact(message)}`)));
  }
  const logger = createLogger({ level, levels: { error: 0, warn: 1, info: 2, debug: 3 }, format: json, transports });
  let reported = false;
  const reportFailure = ({ message: error }: Error) => {
    if (reported) return;
    reported = true;
    printLine(`${name}: can't write the log: ${error}`);
    logger.log({
      level: "warn",
      event: "log-failed",
      message: "can't write the log file",
      fields: { error },
      at: new Date(),
    });
  };
  return {
    write: (entry) => void logger.log(entry),
    async close(deadline_ms) {
      // A transport has written every line once it has finished. The logger itself finishes earlier.
      const finished = Promise.all(transports.map((transport) => once(transport, "finish")));
      logger.end();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, deadline_ms);
      });
      await Promise.race([finished, late]);
      clearTimeout(timer);
    },
  };
}

// The file transport of winston writes late, and loses the rest at process.exit (measured: 0 of 1 lines were written).
class CallbackTransport extends Transport {
  readonly #write: (line: Formatted) => void;

  constructor(write: (line: Formatted) => void) {
    super();
    this.#write = write;
  }

  override log(line: Formatted, next: () => void): void {
    this.#write(line);
    next();
  }
}

const printLine = (line: string): void => void process.stderr.write(`${line}\n`);
