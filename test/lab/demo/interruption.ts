import { readFileSync } from "node:fs";

/** The demo was interrupted. The exit code is 128 plus the number of the signal, as in a shell. */
export class Interrupted extends Error {
  readonly code: number;

  constructor(message: string, signal: number) {
    super(message);
    this.code = 128 + signal;
  }
}

const signals = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 } as const;
const interval_ms = 200;

/** Rejects at a signal, when standard output is closed, or when the npm that started this process has ended. */
export function interruption(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const name of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
      process.on(name, () => reject(new Interrupted(`ended by ${name}`, signals[name])));
    }
    process.stdout.on("error", () => reject(new Interrupted("standard output was closed", signals.SIGPIPE)));
    if (process.env.npm_lifecycle_event === undefined) return;
    // npm passes SIGTERM to its shell and ends. tsx and this process, which that shell started, get no signal.
    const before = parentPids();
    setInterval(() => {
      if (parentPids() !== before) reject(new Interrupted("npm has ended", signals.SIGTERM));
    }, interval_ms).unref();
  });
}

/** The ids of the parent and of its parent. They change when one of the two ends. */
function parentPids(): string {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    // Field 4 of proc(5). The second field, the name, may contain spaces.
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]}`;
  } catch {
    return "none";
  }
}
