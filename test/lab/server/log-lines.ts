/** One line of the product's log. */
export interface LogLine {
  timestamp?: string;
  level?: string;
  message?: string;
  executable?: string;
  transition?: string;
  id?: string;
  [field: string]: unknown;
}

/** One run of a notify hook, as its lines tell it. */
export interface HookRun {
  id: string;
  transition: string;
  /** done, refused, failed, superseded; undefined while it runs or when it was killed. */
  result: string | undefined;
  lines: LogLine[];
}

/** A line that is no JSON is a fault of the product, so it fails the scenario. */
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
