import Transport from "winston-transport";
import type { Level } from "../model/log.ts";
import { type LoggerProcess, type LogSockets, startLogger } from "./logger-process.ts";

const formatted = Symbol.for("message");

/** The winston transport to journald or syslog: one child process as long as this one runs, started with the first line. */
export class SystemLog extends Transport {
  readonly #sockets: LogSockets | undefined;
  #logger: LoggerProcess | undefined;

  constructor(sockets?: LogSockets) {
    super();
    this.#sockets = sockets;
  }

  override log(line: Record<string | symbol, unknown>, next: () => void): void {
    this.#logger ??= startLogger(this.#sockets);
    this.#logger?.write({ level: line.level as Level, text: String(line[formatted]) });
    next();
  }

  override _final(done: () => void): void {
    if (this.#logger) void this.#logger.end().then(done);
    else done();
  }
}
