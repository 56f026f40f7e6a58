import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Level } from "../model/log.ts";
import { identifier, journalEntry } from "./journal-entry.ts";

// RFC 5424: facility daemon (3) times 8, plus the severity. `logger --prio-prefix` reads it.
const priorities: Record<Level, number> = { error: 27, warn: 28, info: 30, debug: 31 };
const end_ms = 900;

export interface LoggerLine {
  level: Level;
  text: string;
}

/** A running logger(1), which passes lines to syslog or journald. */
export interface LoggerProcess {
  write(line: LoggerLine): void;
  /** Resolves when it has sent all lines, or was killed because it hangs. Never rejects. */
  end(): Promise<void>;
}

/** The sockets of journald and of syslog, if they are not the usual ones. */
export interface LogSockets {
  journal: string;
  syslog: string;
}

const usual: LogSockets = { journal: "/run/systemd/journal/socket", syslog: "/dev/log" };

// `logger --journald` sends what it reads as one entry, and ends. An entry ends with an empty line here. Without its own priority: an
// agent's is high, and the file has the line already. SIGTERM is for the executable: systemd sends it to all processes of a unit, and
// the last lines of an agent follow.
const journalLoop = `trap '' TERM; while IFS= read -r line; do
  { printf '%s\\n' "$line"; while IFS= read -r line && [ -n "$line" ]; do printf '%s\\n' "$line"; done; } | logger --journald
done`;

/**
 * Starts logger(1), since Node can't write to a unix datagram socket: to journald, with the fields of each line, or else to syslog.
 * Undefined where there is neither. On a host without logger(1) the lines are dropped.
 */
export function startLogger({ journal, syslog }: LogSockets = usual): LoggerProcess | undefined {
  if (existsSync(journal))
    return piped("nice", ["-n", "20", "sh", "-c", journalLoop], ({ level, text }) => journalEntry(level, text));
  if (!existsSync(syslog)) return undefined;
  // --size: by default logger(1) truncates a message at 1 KiB.
  const args = ["--tag", identifier, `--id=${process.pid}`, "--size", "8192", "--socket", syslog, "--prio-prefix"];
  return piped("logger", args, ({ level, text }) => `<${priorities[level]}>${text}\n`);
}

function piped(command: string, args: readonly string[], encode: (line: LoggerLine) => string): LoggerProcess {
  // Not in the process group of a check, which Keepalived ends as a whole.
  const child = spawn(command, args, { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  const write = (line: LoggerLine) => {
    if (child.stdin.writable) child.stdin.write(encode(line));
  };
  const end = () =>
    new Promise<void>((resolve) => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
      const timer = setTimeout(() => child.kill("SIGKILL"), end_ms);
      child.once("exit", () => {
        clearTimeout(timer);
        resolve();
      });
      child.ref();
      child.stdin.end();
    });
  return { write, end };
}
