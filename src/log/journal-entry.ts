import type { Level } from "../model/log.ts";

/** What `journalctl -t` finds all lines by, and the tag of syslog. The units of systemd have the same as SyslogIdentifier. */
export const identifier = "keepalived-redis";

// syslog(3): the severities, and the facility daemon.
const priorities: Record<Level, number> = { error: 3, warn: 4, info: 6, debug: 7 };
const facility = 3;

/**
 * A line of the log as `logger --journald` reads it: the line itself as MESSAGE, and each field of it that is a text, a number or a
 * boolean as KEEPALIVED_REDIS_NAME. An empty line ends it. journald adds the fields that begin with `_`: its _PID is that of logger(1),
 * so that of the executable is in SYSLOG_PID, as with syslog.
 */
export function journalEntry(level: Level, line: string): string {
  const fields = {
    MESSAGE: line,
    PRIORITY: priorities[level],
    SYSLOG_IDENTIFIER: identifier,
    SYSLOG_FACILITY: facility,
    SYSLOG_PID: process.pid,
  };
  const own = Object.entries(JSON.parse(line) as Record<string, unknown>)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .map(([name, value]) => [`KEEPALIVED_REDIS_${name.toUpperCase().replaceAll(/\W/g, "_")}`, value] as const);
  return `${[...Object.entries(fields), ...own].map(([name, value]) => `${name}=${String(value).replaceAll(/\s*\n\s*/g, " ")}\n`).join("")}\n`;
}
