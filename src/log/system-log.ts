import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import Transport from "winston-transport";

// RFC 5424: facility daemon (3) times 8, plus the severity; what `logger --prio-prefix` reads.
const priorities: Record<string, number> = { error: 27, warn: 28, info: 30, debug: 31 };
const formatted = Symbol.for("message");
const end_ms = 500;

/**
 * To syslog or journald by logger(1), since Node can't write to /dev/log (a unix datagram socket). One child for the
 * life of this process, started with the first line. Without that socket or without logger(1) nothing happens.
 */
export class SystemLog extends Transport {
  readonly #executable: string;
  readonly #socket: string;
  #child: ChildProcess | undefined;

  constructor(executable: string, socket = "/dev/log") {
    super();
    this.#executable = executable;
    this.#socket = socket;
  }

  override log(line: Record<string | symbol, unknown>, next: () => void): void {
    this.#child ??= this.#start();
    const text = String(line[formatted]);
    if (this.#child?.stdin?.writable) this.#child.stdin.write(`<${priorities[String(line.level)] ?? 30}>${text}\n`);
    next();
  }

  /** The end of the stream: logger(1) has sent all that it read when it ends. One that hangs is ended. */
  override _final(done: () => void): void {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      done();
      return;
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), end_ms);
    child.once("exit", () => {
      clearTimeout(timer);
      done();
    });
    child.ref();
    child.stdin?.end();
  }

  #start(): ChildProcess | undefined {
    if (!existsSync(this.#socket)) return undefined;
    const tag = `keepalived-redis/${this.#executable}`;
    // --size: logger(1) cuts a message at 1 KiB by default.
    const args = ["--tag", tag, `--id=${process.pid}`, "--size", "8192", "--socket", this.#socket, "--prio-prefix"];
    const child = spawn("logger", args, { stdio: ["pipe", "ignore", "ignore"] });
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    child.unref();
    return child;
  }
}
