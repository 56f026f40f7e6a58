import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Level } from "../model/log.ts";

// RFC 5424: facility daemon (3) times 8, plus the severity. `logger --prio-prefix` reads it.
const priorities: Record<Level, number> = { error: 27, warn: 28, info: 30, debug: 31 };
const end_ms = 500;

export interface LoggerLine {
  level: Level;
  text: string;
}

/** A running logger(1), which passes lines to syslog or journald. */
export interface LoggerProcess {
  write(line: LoggerLine): void;
  /** Resolves when it has sent all lines, or was killed because it hangs. Never rejects. */
  end(lines?: readonly LoggerLine[]): Promise<void>;
}

/**
 * Starts logger(1), since Node can't write to /dev/log, a unix datagram socket. Undefined if that socket is missing. On a host
 * without logger(1) the lines are dropped.
 */
export function startLogger(executable: string, socket = "/dev/log"): LoggerProcess | undefined {
  if (!existsSync(socket)) return undefined;
  const tag = `keepalived-redis/${executable}`;
  // --size: by default logger(1) truncates a message at 1 KiB.
  const args = ["--tag", tag, `--id=${process.pid}`, "--size", "8192", "--socket", socket, "--prio-prefix"];
  const child = spawn("logger", args, { stdio: ["pipe", "ignore", "ignore"] });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  const write = ({ level, text }: LoggerLine) => {
    if (child.stdin.writable) child.stdin.write(`<${priorities[level]}>${text}\n`);
  };
  const end = (lines: readonly LoggerLine[] = []) =>
    new Promise<void>((resolve) => {
      for (const line of lines) write(line);
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
