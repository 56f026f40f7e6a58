import spawn, { type SubprocessError } from "nano-spawn";

const command_ms = 60_000;

/** Runs a command of the cluster file. The error of a failed one has the command, its exit code and its last line. */
export async function runCommand(command: readonly string[]): Promise<void> {
  const [program = "", ...args] = command;
  try {
    await spawn(program, args, { timeout: command_ms, stdin: "ignore" });
  } catch (error) {
    const { exitCode, signalName, stderr } = error as SubprocessError;
    const how = exitCode !== undefined ? `exit ${exitCode}` : (signalName ?? (error as Error).message);
    throw new Error(`\`${command.join(" ")}\` failed (${how})${stderr ? `: ${stderr.trim().split("\n").at(-1)}` : ""}`);
  }
}
