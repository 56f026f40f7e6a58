/** One line of the log, as every executable writes it; the monitor too, which carries no logging library. */
export interface Origin {
  node: string;
  cluster: string;
  executable: string;
}

export type Level = "error" | "warn" | "info" | "debug";

export type Fields = Record<string, unknown>;

/** JSON on one line, these keys first. `secrets` are struck out of every text. */
export function logLine(
  level: Level,
  message: string,
  origin: Origin,
  fields: Fields = {},
  secrets: string[] = [],
): string {
  const { node, cluster, executable } = origin;
  const timestamp = new Date().toISOString();
  const plain = (_key: string, value: unknown) => {
    const text = value instanceof Error ? value.message : value;
    return typeof text === "string" ? struckOut(text, secrets) : text;
  };
  return JSON.stringify({ timestamp, level, message, node, cluster, executable, ...fields }, plain);
}

const struckOut = (text: string, secrets: string[]): string =>
  secrets.reduce((left, secret) => (secret === "" ? left : left.replaceAll(secret, "***")), text);
