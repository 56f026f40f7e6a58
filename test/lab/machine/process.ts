import { type ChildProcess, spawn } from "node:child_process";

/** How a command ended and what it said. */
export interface Outcome {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Wall clock from start to end. */
  ms: number;
}

export interface RunOptions {
  /** After this the command and all that it started are killed, and the promise rejects. */
  deadline_ms?: number;
  input?: string;
  env?: Record<string, string>;
}

// Nothing of the tester's own shell reaches a host: NODE_EXTRA_CA_CERTS alone makes each start of Node 32 ms longer.
export const plainEnvironment = {
  PATH: "/usr/tools:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
};

/** Milliseconds of CLOCK_MONOTONIC: the same clock in every process and namespace of the machine. */
export const monotonic_ms = (): number => Number(process.hrtime.bigint()) / 1e6;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a command in a process group of its own, so that it can be ended with everything it started. */
export function start(argv: readonly string[], env: Record<string, string> = plainEnvironment): ChildProcess {
  const [file = "", ...args] = argv;
  return spawn(file, args, { detached: true, env, stdio: ["pipe", "pipe", "pipe"] });
}

/** Ends what `start` started. Reaches into namespaces too, as a process group does not end at their borders. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

export function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { deadline_ms = 15_000, input = "", env } = options;
  const started = monotonic_ms();
  return new Promise((resolve, reject) => {
    const child = start(argv, env);
    const said = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said.stderr += text;
    });
    const timer = setTimeout(() => {
      endGroup(child);
      reject(new Error(`no end within ${deadline_ms} ms: ${argv.join(" ")}\n${said.stdout}${said.stderr}`));
    }, deadline_ms);
    const settle = (code: number | null) => {
      clearTimeout(timer);
      resolve({ code, ...said, ms: monotonic_ms() - started });
    };
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", settle);
    // A daemon that the command left behind may hold the pipes open: what was said by its exit is all we wait for.
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
