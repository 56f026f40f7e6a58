import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { Acknowledgements } from "../../lab/client/acknowledgements.ts";
import { WriteReport } from "../../lab/client/write-report.ts";
import { endGroup } from "../../lab/machine/process.ts";

export type Kinds = Record<string, number>;

/** What a probe reads first. */
export interface Target {
  host: string;
  port: number;
  password: string;
  keyPrefix: string;
  setting: string;
}

/** A running probe. It prints a line for each write that was acknowledged or failed; probes/loop.mjs has the format. */
export class Probe {
  readonly setting: string;
  /** Of the library, as the probe says. */
  version = "";
  /** Why writes failed, and how many. */
  readonly failures: Kinds = {};
  /** Errors that the library reports beside the writes. */
  readonly events: Kinds = {};
  readonly #target: Target;
  readonly #process: ChildProcess;
  readonly #acks = new Acknowledgements();
  #errors = "";

  constructor(child: ChildProcess, target: Target) {
    this.setting = target.setting;
    this.#target = target;
    this.#process = child;
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.#readLine(line));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    child.stdin?.on("error", () => undefined);
    const { host, port, password, keyPrefix, setting } = target;
    child.stdin?.write(`${[host, port, password, keyPrefix, setting].join(" ")}\n`);
  }

  get acknowledged(): number {
    return this.#acks.count;
  }

  get last_ms(): number {
    return this.#acks.last_ms;
  }

  /** Throws if it has ended by itself, with what it said. */
  assertRuns(): void {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`the probe with ${this.setting} ended (${exitCode ?? signalCode}): ${this.#errors}`);
  }

  end(): void {
    endGroup(this.#process);
  }

  report(): WriteReport {
    return new WriteReport(this.#acks, { ...this.#target, db: 0, valueBytes: 0 }, this.failures, []);
  }

  #readLine(line: string): void {
    const [, kind = "", time = "", text = ""] = /^(\S+) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind === "start") this.version = time;
    else if (kind === "ack") this.#acks.add(Number(text), Number(time), 0);
    else if (kind === "fail") this.#count(this.failures, text);
    else if (kind === "event") this.#count(this.events, text);
  }

  #count(kinds: Kinds, text: string): void {
    const { host, port } = this.#target;
    const kind = text.replaceAll(host, "VIP").replaceAll(`:${port}`, "").slice(0, 120);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
}
