import { type ChildProcess, spawn } from "node:child_process";
import { systemPath } from "../../programs.ts";

/** The exit code and the output of a command. */
export interface Outcome {
  /** Exit code; null if a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Elapsed time from start to end. */
  ms: number;
}

export interface RunOptions {
  /** After this time the command and its descendants are killed, and the promise rejects. */
  deadline_ms?: number;
  input?: string;
  env?: Record<string, string>;
}

// The environment of the tester is not passed to a host: NODE_EXTRA_CA_CERTS alone makes each start of Node 32 ms longer.
export const plainEnvironment = {
  PATH: `/usr/tools:${systemPath}`,
  HOME: "/root",
  LANG: "C.UTF-8",
};

/** Milliseconds of CLOCK_MONOTONIC: the same clock in every process and namespace of the machine. */
export const monotonic_ms = (): number => Number(process.hrtime.bigint()) / 1e6;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a command in its own process group, so that `endGroup` can end it with its descendants. */
export function start(argv: readonly string[], env: Record<string, string> = plainEnvironment): ChildProcess {
  const [file = "", ...args] = argv;
  return spawn(file, args, { detached: true, env, stdio: ["pipe", "pipe", "pipe"] });
}

/** Ends a command that `start` started, and its descendants, also those in other namespaces. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

export function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { deadline_ms = 15_000, input = "", env } = options;
  const started = monotonic_ms();
  return new Promise((resolve, reject) => {
    const child = start(argv, env);
    const output = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output.stderr += text;
    });
    const timer = setTimeout(() => {
      endGroup(child);
      reject(new Error(`no end within ${deadline_ms} ms: ${argv.join(" ")}\n${output.stdout}${output.stderr}`));
    }, deadline_ms);
    const settle = (code: number | null) => {
      clearTimeout(timer);
      resolve({ code, ...output, ms: monotonic_ms() - started });
    };
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", settle);
    // A daemon that the command started may keep the pipes open. The output of the command itself has arrived by then.
    child.on("exit", (code) => setTimeout(settle, 200, code).unref());
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** As `run`, and rejects unless the command ends with 0. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const outcome = await run(argv, options);
  if (outcome.code !== 0) {
    throw new Error(
      `exit ${outcome.code}: ${argv.join(" ")}\n${options.input ?? ""}${outcome.stdout}${outcome.stderr}`,
    );
  }
  return outcome;
}
