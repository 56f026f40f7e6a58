import type { LogLine } from "../../model/timeline.ts";

const levels: readonly unknown[] = ["error", "warn", "info", "debug"];
const texts = ["level", "event", "message", "node", "cluster", "executable"] as const;

/**
 * The lines of a log, and how many are none: garbage, or the half of a line. Something may stand before the JSON, such as the
 * time and the host that journalctl puts there.
 */
export function parseLog(text: string): { lines: LogLine[]; unreadable: number } {
  const written = text.split("\n").filter((line) => line.trim() !== "");
  const lines = written.map(parseLine).filter((line) => line !== undefined);
  return { lines, unreadable: written.length - lines.length };
}

function parseLine(text: string): LogLine | undefined {
  const start = text.indexOf("{");
  if (start < 0) return undefined;
  try {
    const fields = JSON.parse(text.slice(start)) as Record<string, unknown>;
    const at_ms = Date.parse(String(fields.timestamp));
    if (Number.isNaN(at_ms) || texts.some((name) => typeof fields[name] !== "string")) return undefined;
    if (!levels.includes(fields.level)) return undefined;
    const [level, event, message, node, cluster, executable] = texts.map((name) => fields[name] as string);
    return { at_ms, level, event, message, node, cluster, executable, fields } as LogLine;
  } catch {
    return undefined;
  }
}

/** By time; a line that came in twice, such as from a file and from the journal, counts once. */
export function inOrder(lines: readonly LogLine[]): LogLine[] {
  const once = new Map(lines.map((line) => [JSON.stringify(line.fields), line]));
  return [...once.values()].sort((one, other) => one.at_ms - other.at_ms);
}

export const textOf = ({ fields }: LogLine, name: string): string =>
  typeof fields[name] === "string" ? fields[name] : "";

export const numberOf = ({ fields }: LogLine, name: string): number | undefined =>
  typeof fields[name] === "number" ? fields[name] : undefined;

export const stepsOf = ({ fields }: LogLine): string[] =>
  Array.isArray(fields.steps) ? fields.steps.filter((step) => typeof step === "string") : [];
