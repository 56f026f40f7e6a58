import type { Log } from "../model/log.ts";

/** How a recovery or a switchover reports its steps: to a person while it runs, and to the log. */
export interface Reporter {
  /** A step is done. */
  done(sentence: string, facts?: Record<string, unknown>): void;
  /** A step goes on: its progress in bytes; `total` is 0 where the source doesn't say. */
  progress(what: string, bytes: number, total: number): void;
  /** A step that would be taken (--dry-run). */
  plan(sentence: string): void;
  /** Something is not as it should be, but does not stop the command. */
  note(sentence: string): void;
}

/** Reports to a terminal (with a progress bar), to a pipe (plain lines, progress every few seconds), or to the log only (--json). */
export function openReporter(out: NodeJS.WriteStream, quiet: boolean, log: Log): Reporter {
  const terminal = out.isTTY === true && !quiet;
  const say = (line: string) => {
    if (!quiet) out.write(`${terminal ? "\r\x1b[K" : ""}${line}\n`);
  };
  const started = performance.now();
  let shown = 0;
  return {
    done(sentence, facts = {}) {
      say(`  ok    ${sentence}`);
      log.info("command-step", sentence, facts);
    },
    plan(sentence) {
      say(`  would ${sentence}`);
    },
    note(sentence) {
      say(`  note  ${sentence}`);
      log.warn("command-note", sentence);
    },
    progress(what, bytes, total) {
      const now = performance.now();
      if (quiet || now - shown < (terminal ? 100 : 5000)) return;
      shown = now;
      const line = `  ...   ${what} ${progressLine(bytes, total, (now - started) / 1000)}`;
      out.write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
    },
  };
}

const width = 24;

/** A bar, the share, the bytes and the time to go at the mean speed so far. */
export function progressLine(bytes: number, total: number, seconds: number): string {
  if (total <= 0) return `${inUnits(bytes)}, ${inUnits(bytes / Math.max(seconds, 0.001))}/s`;
  const share = Math.min(1, bytes / total);
  const filled = Math.round(share * width);
  const eta = bytes > 0 ? (seconds * (total - bytes)) / bytes : 0;
  const bar = `[${"#".repeat(filled)}${".".repeat(width - filled)}]`;
  return `${bar} ${Math.floor(share * 100)} %, ${inUnits(bytes)} of ${inUnits(total)}, ${Math.ceil(Math.max(0, eta))} s to go`;
}

export function inUnits(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
