import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import type { LastTransition } from "../model/host-report.ts";
import type { Transition } from "../model/transition.ts";

// Some hundred lines. A transition has ten, and the health check logs only changes.
const tail_bytes = 256 * 1024;

interface LogLine {
  timestamp: string;
  event: string;
  message: string;
  transition: Transition;
  id?: string;
  duration_ms?: number;
  why?: string;
}

const results: Readonly<Record<string, LastTransition["result"]>> = {
  "transition-done": "done",
  "transition-refused": "refused",
  "transition-failed": "failed",
  "transition-superseded": "superseded",
};

/** The last transition that hooks or agent carried out on this host, from the end of the log; null if it is not there. */
export function lastTransition(log: string, now_ms: number): LastTransition | null {
  // logrotate may just have renamed it.
  const lines = linesOf(`${tailOf(`${log}.1`)}${tailOf(log)}`);
  const at = lines.findLastIndex(({ event }) => event in results);
  const end = lines[at];
  if (!end) return null;
  const decided = lines
    .slice(0, at)
    .findLast(({ event, transition, id }) => event === "decided" && transition === end.transition && id === end.id);
  return {
    transition: end.transition,
    when: end.timestamp,
    ago_s: Math.max(0, Math.round((now_ms - Date.parse(end.timestamp)) / 100) / 10),
    result: results[end.event] ?? "failed",
    duration_ms: end.duration_ms ?? 0,
    why: end.why ?? decided?.message ?? "",
  };
}

function tailOf(file: string): string {
  if (!existsSync(file)) return "";
  try {
    const open = openSync(file, "r");
    try {
      const { size } = fstatSync(open);
      const bytes = Buffer.alloc(Math.min(size, tail_bytes));
      return bytes.toString("utf8", 0, readSync(open, bytes, 0, bytes.length, size - bytes.length));
    } finally {
      closeSync(open);
    }
  } catch {
    return "";
  }
}

/** The lines that are whole: the first one of a tail is not, nor may be the last. */
const linesOf = (text: string): LogLine[] =>
  text.split("\n").flatMap((line) => {
    try {
      return line.includes('"transition"') ? [JSON.parse(line) as LogLine] : [];
    } catch {
      return [];
    }
  });
