import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import Transport from "winston-transport";

// The numbers of syslog(3), which is what logger(1) --prio-prefix reads.
const priorities: Record<string, number> = { error: 3, warn: 4, info: 6, debug: 7 };

/**
 * To syslog or journald by logger(1), since Node can't write to /dev/log (a unix datagram socket). One child for the
 * life of this process, started with the first line; without /dev/log, or without logger, nothing happens.
 */
export class SystemLog extends Transport {
  readonly #tag: string;
  #child: ChildProcess | undefined;

  constructor(executable: string) {
    super();
    this.#tag = `keepalived-redis/${executable}`;
  }

  override log(line: Record<symbol | string, unknown>, next: () => void): void {
    const child = this.#running();
    child?.stdin?.write(`<${priorities[String(line.level)] ?? 6}>${String(line[Symbol.for("message")])}\n`);
    next();
  }

  override close(): void {
    this.#child?.stdin?.end();
  }

  #running(): ChildProcess | undefined {
    if (this.#child || !existsSync("/dev/log")) return this.#child;
    const child = spawn("logger", ["--tag", this.#tag, "--prio-prefix"], { stdio: ["pipe", "ignore", "ignore"] });
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    child.unref();
    this.#child = child;
    return child;
  }
}
