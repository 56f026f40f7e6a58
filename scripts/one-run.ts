import { setMaxListeners } from "node:events";
import { PassThrough } from "node:stream";
import { run } from "node:test";

/** Tests that run alike, in the folder of that name in test/. */
export interface Suite {
  name: string;
  /** Files at once. */
  concurrency: number;
  /** For one file; then its process gets a SIGTERM. */
  patience_s: number;
}

interface Event {
  type: string;
  data: { nesting?: number; message?: string; todo?: unknown };
}

/**
 * Runs suites one after the other, each with its own concurrency, as one run of node:test: what each file has counted
 * is added up and told once, at the end. Sets the exit code: 1 when a test failed, when none ran, or at `signal`.
 */
export async function* asOneRun(work: { suite: Suite; files: string[] }[], signal: AbortSignal): AsyncGenerator<Event> {
  const totals = new Map<string, number>();
  const started = performance.now();
  for (const { suite, files } of work) {
    for await (const event of eventsOf(files, suite, signal)) {
      const { type, data } = event;
      const [, what, count] = (type === "test:diagnostic" && /^(\w+) ([\d.]+)$/.exec(data.message ?? "")) || [];
      if (type === "test:fail" && !data.todo) process.exitCode = 1;
      if (what && data.nesting === 0) totals.set(what, (totals.get(what) ?? 0) + Number(count));
      else if (type !== "test:plan" && type !== "test:summary") yield event;
    }
  }
  if (signal.aborted || !totals.get("tests")) process.exitCode = 1;
  totals.set("duration_ms", performance.now() - started);
  for (const [what, count] of totals)
    yield { type: "test:diagnostic", data: { nesting: 0, message: `${what} ${Math.round(count)}` } };
}

/** The events of each file, file by file in their order, while `concurrency` of them run at once. */
async function* eventsOf(files: string[], { concurrency, patience_s }: Suite, signal: AbortSignal) {
  // Each run listens to the end of this process and to the signal.
  setMaxListeners(0, signal, process);
  const each = files.map((file) => ({ file, events: new PassThrough({ objectMode: true, highWaterMark: 1e6 }) }));
  const waiting = each.values();
  const beginNext = () => {
    const { file, events } = waiting.next().value ?? {};
    if (!file || !events) return;
    // Not by run's own `timeout`, which on Node 26 is for each test and leaves a file that hangs after it.
    const patience = new AbortController();
    const stop = () => patience.abort();
    const timer = setTimeout(stop, patience_s * 1000);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    run({ files: [file], signal: patience.signal })
      .once("end", () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        beginNext();
      })
      .pipe(events);
  };
  for (let begun = 0; begun < concurrency; begun++) beginNext();
  for (const { events } of each) yield* events as AsyncIterable<Event>;
}
