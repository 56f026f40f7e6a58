import type { Level } from "../model/log.ts";
import { levels, type OpenLog } from "./log.ts";
import { appendLogLine } from "./log-file.ts";
import { logLine } from "./log-line.ts";
import type { Entry, LogOptions } from "./log-sinks.ts";
import type { LoggerProcess } from "./logger-process.ts";

const order: readonly Level[] = ["error", "warn", "info", "debug"];

/**
 * The log of the monitor, which starts every second and mostly logs nothing: the same lines and the same destinations, without
 * winston (18 ms a start, measured). A line is in the file at once, since Keepalived ends a check that takes too long, and a moment later
 * on its way to the other destinations; `close` awaits those. A log that can't be written does not change the verdict.
 */
export function openPlainLog(options: LogOptions): OpenLog {
  const { origin, secrets, file, sockets } = options;
  let logger: Promise<LoggerProcess | undefined> | undefined;
  const maxLevel = order.indexOf(options.level);
  const write = ({ level, event, message, fields, at }: Entry) => {
    if (order.indexOf(level) > maxLevel) return;
    const text = logLine(level, event, message, origin, fields, secrets, at);
    logger ??= import("./logger-process.ts").then(({ startLogger }) => startLogger(sockets)).catch(() => undefined);
    void logger.then((started) => started?.write({ level, text }));
    try {
      appendLogLine(file, text);
    } catch (error) {
      process.stderr.write(`${origin.executable}: can't write the log: ${(error as Error).message}\n`);
    }
  };
  return {
    ...levels(write, {}),
    async close() {
      await (await logger)?.end();
    },
  };
}
