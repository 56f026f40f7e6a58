import type { Fields, Level } from "../model/log.ts";
import type { LogEvent } from "../model/log-events.ts";

/** The writer of a line; the same in every line of one process. */
export interface Origin {
  node: string;
  cluster: string;
  executable: string;
}

/**
 * One line of the log, without the line break. It uses no logging library, which the monitor does not load. A JSON object:
 * first timestamp, level, event, message, node, cluster and executable, then `fields`, which can't replace those. An undefined
 * field is left out, an error is written as its message, and each of `secrets` is replaced by `***`.
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
  const redact = redactor(secrets);
  const plain = (key: string, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    const text = value instanceof Error ? value.message : value;
    return typeof text === "string" && key !== "timestamp" ? redact(text) : text;
  };
  try {
    return JSON.stringify({ ...head, ...fields, ...head }, plain);
  } catch {
    // A field that JSON can't hold (a circular one) must not stop a failover, and the rest of the line is still logged.
    return JSON.stringify({ ...head, fields_lost: Object.keys(fields) }, plain);
  }
}

/** Replaces the secrets in a text, also as spelled in JSON and URLs. The longest first, as one may contain another. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets.flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
  ]);
  const longestFirst = [...new Set(spellings)].filter((one) => one !== "").sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((left, secret) => left.replaceAll(secret, "***"), text);
}
