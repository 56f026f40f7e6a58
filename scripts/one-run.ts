import { setMaxListeners } from "node:events";
import { run } from "node:test";

/** Tests that run alike, in the folder of that name in test/. */
export interface Suite {
  name: string;
  /** Files at once. */
  concurrency: number;
  /** For one file. */
  patience_s: number;
}

interface Event {
  type: string;
  data: { nesting?: number; message?: string; todo?: unknown };
}

/**
 * Runs suites one after the other, each with its own concurrency, as one run of node:test: what each has counted is
 * added up and told once, at the end. Sets the exit code: 1 when a test failed, when none ran, or when `signal` came.
 */
export async function* asOneRun(work: { suite: Suite; files: string[] }[], signal: AbortSignal): AsyncGenerator<Event> {
  const totals = new Map<string, number>();
  // Each file's process listens to it.
  setMaxListeners(0, signal);
  for (const { suite, files } of work) {
    if (files.length === 0 || signal.aborted) continue;
    const { concurrency, patience_s } = suite;
    for await (const event of run({ files, concurrency, timeout: patience_s * 1000, signal }) as AsyncIterable<Event>) {
      const { type, data } = event;
      const [, what, count] = (type === "test:diagnostic" && /^(\w+) ([\d.]+)$/.exec(data.message ?? "")) || [];
      if (type === "test:fail" && !data.todo) process.exitCode = 1;
      if (what && data.nesting === 0) totals.set(what, (totals.get(what) ?? 0) + Number(count));
      else if (type !== "test:plan" && type !== "test:summary") yield event;
    }
  }
  if (signal.aborted || !totals.get("tests")) process.exitCode = 1;
  for (const [what, count] of totals)
    yield { type: "test:diagnostic", data: { nesting: 0, message: `${what} ${Math.round(count)}` } };
}
