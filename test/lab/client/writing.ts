import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Host } from "../machine/host.ts";
import { endGroup, monotonic_ms, sleep } from "../machine/process.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { WriteReport } from "./write-report.ts";
import type { WriterOptions } from "./writer-options.ts";

const stop_ms = 10_000;

/** The writer reports this twenty times a second. */
export interface Progress {
  acknowledged: number;
  /** The monotonic time of the last acknowledgement. */
  last_ms: number;
  errors: Record<string, number>;
}

/** A running writer on the client host. */
export class Writing {
  readonly options: WriterOptions;
  readonly #host: Host;
  readonly #process: ChildProcess;
  #progress: Progress = { acknowledged: 0, last_ms: 0, errors: {} };
  #done = false;
  #stopped = false;
  #errors = "";
  #servers: string[] = [];

  constructor(host: Host, child: ChildProcess, options: WriterOptions) {
    this.options = options;
    this.#host = host;
    this.#process = child;
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.#readLine(line));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.write(`${JSON.stringify(options)}\n`);
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Resolves once so many writes are acknowledged in total. */
  acknowledged(count: number, seconds = 20): Promise<void> {
    return this.#until(() => this.#progress.acknowledged >= count, seconds, `${count} acknowledged writes`);
  }

  /** Resolves once the `count` of the options is written. */
  written(seconds = 60): Promise<void> {
    return this.#until(() => this.#done, seconds, `${this.options.count} writes`);
  }

  /** Ends the writer and returns its report. */
  async stop(): Promise<WriteReport> {
    this.#process.stdin?.write("stop\n");
    await this.#until(() => this.#stopped, stop_ms / 1000, "the end of the writer");
    // Its report is written: a process that doesn't end must not keep the scenario waiting.
    if (this.#process.exitCode === null)
      await once(this.#process, "exit", { signal: AbortSignal.timeout(stop_ms) }).catch(() => this.end());
    const bytes = readFileSync(this.#host.disk.at(this.options.reportFile));
    return new WriteReport(new Acknowledgements(bytes), this.options, this.#progress.errors, this.#servers);
  }

  /** Ends the writer at once, without a report. */
  end(): void {
    endGroup(this.#process);
  }

  #readLine(line: string): void {
    const message = JSON.parse(line) as Partial<Progress> & {
      done?: boolean;
      stopped?: boolean;
      servers?: string[];
    };
    if (message.errors) this.#progress = { ...this.#progress, ...message };
    if (message.servers) this.#servers = message.servers;
    this.#done ||= message.done === true;
    this.#stopped ||= message.stopped === true;
  }

  async #until(reached: () => boolean, seconds: number, what: string): Promise<void> {
    const end = monotonic_ms() + seconds * 1000;
    while (!reached()) {
      if (this.#process.exitCode !== null) throw new Error(`the writer ended: ${this.#errors}`);
      if (monotonic_ms() > end) {
        throw new Error(`not within ${seconds} s: ${what}; so far ${JSON.stringify(this.#progress)} ${this.#errors}`);
      }
      await sleep(5);
    }
  }
}
