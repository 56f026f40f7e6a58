/** One line of the product's log. Tests check `event` and other fields, not the message, which may change. */
export interface LogLine {
  timestamp?: string;
  level?: string;
  event?: string;
  message?: string;
  executable?: string;
  transition?: string;
  id?: string;
  [field: string]: unknown;
}

/** One run of a notify hook, by its log lines. */
export interface HookRun {
  id: string;
  transition: string;
  /** done, refused, failed, superseded; undefined if it still runs or was killed. */
  result: string | undefined;
  lines: LogLine[];
}

/** Throws if a line is not JSON, which is a fault of the product. */
export const linesOf = (text: string): LogLine[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LogLine);

export function hookRunsOf(lines: readonly LogLine[]): HookRun[] {
  const runs = new Map<string, HookRun>();
  for (const line of lines) {
    const { id, transition, executable } = line;
    if (id === undefined || transition === undefined || !executable?.startsWith("notify-")) continue;
    const run = runs.get(id) ?? { id, transition, result: undefined, lines: [] };
    run.lines.push(line);
    if (typeof line.result === "string") run.result = line.result;
    runs.set(id, run);
  }
  return [...runs.values()];
}
