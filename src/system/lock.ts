import { spawn } from "node:child_process";

/** Held until `release`, or until this process ends: the kernel releases it then, even after kill -9. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a cluster on this host. Node has no flock(2), so flock(1) takes it and runs `cat`. `cat` echoes one
 * byte once the lock is held, and ends when this process does: no stale lock stays after a kill -9.
 * Rejects if the lock is not free within `seconds`, or if flock(1) can't run.
 */
export function takeLock(file: string, seconds: number): Promise<Lock> {
  return new Promise((resolve, reject) => {
    const holder = spawn("flock", ["--wait", String(seconds), file, "cat"], { stdio: ["pipe", "pipe", "ignore"] });
    const failed = (why: string) => {
      clearTimeout(timer);
      holder.kill();
      reject(new Error(`can't take the lock ${file}: ${why}`));
    };
    // flock(1) has its own time-out; this one is for a flock that hangs.
    const timer = setTimeout(() => failed(`no answer from flock within ${seconds} s`), seconds * 1000 + 500);
    holder.on("error", (error) => failed(error.message));
    // Exit code of flock(1): 1 if the lock was not free in time, of sysexits(3) for other errors, such as 66 for no file.
    holder.on("exit", (code) =>
      failed(code === 1 ? `another transition still held it after ${seconds} s` : `flock ended with ${code}`),
    );
    holder.stdin.on("error", () => {});
    holder.stdout.once("data", () => {
      clearTimeout(timer);
      holder.removeAllListeners("exit");
      holder.unref();
      resolve({ release: () => holder.stdin.end() });
    });
    holder.stdin.write("x");
  });
}
