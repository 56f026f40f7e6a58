import type { Level } from "../model/log.ts";
import { levels, type OpenLog } from "./log.ts";
import { appendLogLine } from "./log-file.ts";
import { logLine } from "./log-line.ts";
import type { Entry, LogOptions } from "./log-sinks.ts";

const order: readonly Level[] = ["error", "warn", "info", "debug"];

/**
 * The log of the monitor, which starts every second and mostly logs nothing: the same lines and the same destinations, without
 * winston (18 ms a start, measured). Lines are written by `close`. A log that can't be written does not change the verdict.
 */
export function openPlainLog(options: LogOptions): OpenLog {
  const entries: Entry[] = [];
  const maxLevel = order.indexOf(options.level);
  const write = (entry: Entry) => {
    if (order.indexOf(entry.level) <= maxLevel) entries.push(entry);
  };
  return {
    ...levels(write, {}),
    async close() {
      if (entries.length === 0) return;
      const { origin, secrets, file, sockets } = options;
      const lines = entries.map(({ level, event, message, fields, at }) => ({
        level,
        text: logLine(level, event, message, origin, fields, secrets, at),
      }));
      try {
        for (const { text } of lines) appendLogLine(file, text);
      } catch (error) {
        process.stderr.write(`${origin.executable}: can't write the log: ${(error as Error).message}\n`);
      }
      const { startLogger } = await import("./logger-process.ts");
      await startLogger(sockets)?.end(lines);
    },
  };
}
