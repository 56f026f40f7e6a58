import { once } from "node:events";
import { createLogger, format } from "winston";
import Transport from "winston-transport";
import type { Fields, Level } from "../model/log.ts";
import type { LogEvent } from "../model/log-events.ts";
import { appendLogLine } from "./log-file.ts";
import { logLine, type Origin, striker } from "./log-line.ts";
import { SystemLog } from "./system-log.ts";

export interface LogOptions {
  file: string;
  level: Level;
  origin: Origin;
  /** Passwords: never in a line, whatever an error message quotes. */
  secrets: readonly string[];
  /** Whether a person is to read the lines, too, in plain words on standard error. */
  terminal?: boolean;
  /** Where syslog or journald listens, if not at its usual place. */
  socket?: string;
}

/** A line that was logged at that moment and hasn't been written yet. */
export interface Entry {
  level: Level;
  event: LogEvent;
  message: string;
  fields: Fields;
  at: Date;
}

/** Where the lines go; loaded late, see openLog. */
export interface Sinks {
  write(entry: Entry): void;
  /** Resolves when all of them have every line, or after `deadline_ms`. Never rejects. */
  close(deadline_ms: number): Promise<void>;
}

/** A line as winston hands it to a transport: the entry, and what the format has made of it. */
type Formatted = Entry & { [formatted: symbol]: string };

// logform's key of the formatted text, the same in every copy of triple-beam.
const formatted = Symbol.for("message");

export function openSinks({ file, level, origin, secrets, terminal = false, socket }: LogOptions): Sinks {
  const json = format.printf(({ level, event, message, fields, at }) =>
    logLine(level as Level, event as LogEvent, String(message), origin, fields as Fields, secrets, at as Date),
  );
  const name = origin.executable;
  const toFile = new To((line) => {
    try {
      appendLogLine(file, line[formatted] ?? "");
    } catch (error) {
      cantWrite(error as Error);
      // A person has been told, and is spared the JSON.
      if (!terminal && !process.stderr.isTTY) say(line[formatted] ?? "");
    }
  });
  const transports: Transport[] = [toFile, new SystemLog(name, socket)];
  if (terminal) {
    const strike = striker(secrets);
    transports.push(new To(({ level, message }) => say(`${name}: ${level}: ${strike(message)}`)));
  }
  const logger = createLogger({ level, levels: { error: 0, warn: 1, info: 2, debug: 3 }, format: json, transports });
  let told = false;
  const cantWrite = ({ message: error }: Error) => {
    if (told) return;
    told = true;
    say(`${name}: can't write the log: ${error}`);
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
      // A transport of winston's has every line once it has finished; the logger itself finishes earlier.
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

// winston's own file transport writes late and loses what is left at process.exit (measured: 0 lines of 1 arrived).
class To extends Transport {
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

const say = (line: string): void => void process.stderr.write(`${line}\n`);
