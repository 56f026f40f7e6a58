import { spawn } from "node:child_process";

/**
 * Runs a command as soon as this process has ended, kill -9 included: a shell in a session of its own waits for the end of its standard
 * input. A service manager does nothing where Redis runs already. Returns how to end that.
 */
export function runAtOurEnd(command: readonly string[]): () => void {
  const script = `cat >/dev/null; exec "$@"`;
  const shell = spawn("sh", ["-c", script, "sh", ...command], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  shell.stdin.on("error", () => undefined);
  // Without a shell nothing is run at our end.
  shell.on("error", () => undefined);
  shell.unref();
  return () => {
    if (shell.pid !== undefined) endGroup(shell.pid);
  };
}

/** `cat` is in the group of its shell. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
