import Transport from "winston-transport";
import type { Level } from "../model/log.ts";
import { type LoggerProcess, startLogger } from "./logger-process.ts";

const formatted = Symbol.for("message");

/** The winston transport to syslog or journald: one logger(1) as long as this process runs, started with the first line. */
export class SystemLog extends Transport {
  readonly #executable: string;
  readonly #socket: string | undefined;
  #logger: LoggerProcess | undefined;

  constructor(executable: string, socket?: string) {
    super();
    this.#executable = executable;
    this.#socket = socket;
  }

  override log(line: Record<string | symbol, unknown>, next: () => void): void {
    this.#logger ??= startLogger(this.#executable, this.#socket);
    this.#logger?.write({ level: line.level as Level, text: String(line[formatted]) });
    next();
  }

  override _final(done: () => void): void {
    if (this.#logger) void this.#logger.end().then(done);
    else done();
  }
}
