import { readFileSync } from "node:fs";

/** Why the demo ends early; the exit code is 128 and the number of the signal, as a shell has it. */
export class Interrupted extends Error {
  readonly code: number;

  constructor(message: string, signal: number) {
    super(message);
    this.code = 128 + signal;
  }
}

const signals = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 } as const;
const look_ms = 200;

/** Rejects when somebody wants the end, when nobody reads any more, or when npm is gone that started it. */
export function interruption(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const name of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
      process.on(name, () => reject(new Interrupted(`ended by ${name}`, signals[name])));
    }
    process.stdout.on("error", () => reject(new Interrupted("nobody reads what it says", signals.SIGPIPE)));
    if (process.env.npm_lifecycle_event === undefined) return;
    // npm passes SIGTERM on to its shell and ends; tsx and this process, below that shell, hear nothing of it.
    const before = starters();
    setInterval(() => {
      if (starters() !== before) reject(new Interrupted("npm has ended", signals.SIGTERM));
    }, look_ms).unref();
  });
}

/** The process that started this one, and the one that started that: numbers that change when one of them ends. */
function starters(): string {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    // Field 4 of proc(5); the second one, the name, may hold spaces.
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]}`;
  } catch {
    return "none";
  }
}
