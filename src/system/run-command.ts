import spawn, { type SubprocessError } from "nano-spawn";

const deadline_ms = 60_000;

/** A command of the cluster file failed: which one, its exit code, and the last line that it said. */
export class CommandFailed extends Error {}

/** Runs a command of the cluster file. Rejects with a CommandFailed. */
export async function runCommand(command: readonly string[]): Promise<void> {
  const [program = "", ...args] = command;
  try {
    await spawn(program, args, { timeout: deadline_ms, stdin: "ignore" });
  } catch (error) {
    const { exitCode, signalName, stderr } = error as SubprocessError;
    const how = exitCode !== undefined ? `exit ${exitCode}` : (signalName ?? (error as Error).message);
    const said = stderr ? `: ${stderr.trim().split("\n").at(-1)}` : "";
    throw new CommandFailed(`\`${command.join(" ")}\` failed (${how})${said}`);
  }
}
