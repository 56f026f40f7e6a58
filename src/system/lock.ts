import { spawn } from "node:child_process";

/** Held until released or until this process ends, however it ends: the kernel frees it. */
export interface Lock {
  release(): void;
}

/**
 * Waits for the one lock of a cluster on this host. Node has no flock(2), so flock(1) takes it and runs `cat`, which
 * gives our byte back once it is held and ends with our pipe: nothing stale stays behind after a kill -9.
 * Rejects when the lock isn't free within `seconds`, or when flock(1) can't run.
 */
export function takeLock(file: string, seconds: number): Promise<Lock> {
  return new Promise((resolve, reject) => {
    const holder = spawn("flock", ["--wait", String(seconds), file, "cat"], { stdio: ["pipe", "pipe", "ignore"] });
    const failed = (why: string) => {
      clearTimeout(timer);
      holder.kill();
      reject(new Error(`can't take the lock ${file}: ${why}`));
    };
    // flock(1) keeps its own time; this is for a flock that hangs.
    const timer = setTimeout(() => failed(`no answer from flock within ${seconds} s`), seconds * 1000 + 500);
    holder.on("error", (error) => failed(error.message));
    // flock(1): 1 where the lock was not to be had in time, sysexits(3) such as 66 where the file was not.
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
