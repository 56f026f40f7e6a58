import type { Fields, Level } from "../model/log.ts";
import type { LogEvent } from "../model/log-events.ts";
/** Who writes a line; the same in every line of one process. */
export interface Origin {
  node: string;
  cluster: string;
  executable: string;
}

/**
 * One line of the log, without the line break, as every executable writes it; pure, and without a logging library, so
 * that the monitor has it too. JSON with timestamp, level, event, message, node, cluster and executable first, which `fields`
 * can't replace; an undefined field is left out, an error is its message, and each of `secrets` is struck out.
 */
export function logLine(
  level: Level,
  event: LogEvent,
  message: string,
  { node, cluster, executable }: Origin,
  fields: Fields = {},
  secrets: readonly string[] = [],
  at = new Date(),
): string {
  const head = { timestamp: at.toISOString(), level, event, message, node, cluster, executable };
  const strike = striker(secrets);
  const plain = (key: string, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    const text = value instanceof Error ? value.message : value;
    return typeof text === "string" && key !== "timestamp" ? strike(text) : text;
  };
  try {
    return JSON.stringify({ ...head, ...fields, ...head }, plain);
  } catch {
    // A field that JSON can't carry (a circular one) must not stop a failover, nor cost the rest of the line.
    return JSON.stringify({ ...head, fields_lost: Object.keys(fields) }, plain);
  }
}

/** Strikes the secrets out of a text, also as JSON and URLs spell them; the longest first, as one may contain another. */
export function striker(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets.flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
  ]);
  const longestFirst = [...new Set(spellings)].filter((one) => one !== "").sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((left, secret) => left.replaceAll(secret, "***"), text);
}
