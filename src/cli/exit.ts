import { CommandRefused, UsageError } from "../cluster/errors.ts";

/**
 * Does the work of an executable and ends the process with its exit code: 0 done, 1 refused or failed, 2 wrong usage or
 * cluster file. A user's mistake is one line and the way out. A connection that somebody forgot can't keep the process.
 */
export async function exitWith(name: string, work: () => Promise<number>): Promise<void> {
  // Keepalived starts its scripts with umask 0177, with which every folder that we make would be one nobody can enter.
  process.umask(0o022);
  const done = work().then(async (code) => {
    await flushed(process.stdout);
    return code;
  });
  process.exit(await Promise.race([done, unexpectedEnd()]).catch((error: unknown) => printError(name, error)));
}

/** Rejects when something goes wrong that no promise tells: a bug in a callback, or work that waits for nothing. */
function unexpectedEnd(): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.on("uncaughtException", reject);
    process.once("beforeExit", () => reject(new Error("it ended before its work was done")));
    // Whoever closes the pipe (`| head -1`) wants no more output; what was begun goes on.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => error.code !== "EPIPE" && reject(error));
    process.stderr.on("error", () => undefined);
  });
}

/** Says on standard error what went wrong and returns the exit code. */
export function printError(name: string, error: unknown): number {
  if (error instanceof UsageError || error instanceof CommandRefused) {
    process.stderr.write(`${name}: ${error.message}\n${error.remedy ? `  ${error.remedy}\n` : ""}`);
    return error instanceof UsageError ? 2 : 1;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const shown = process.env.KEEPALIVED_REDIS_DEBUG ? stack : message.split("\n")[0];
  process.stderr.write(`${name}: unexpected: ${shown}\n`);
  return 1;
}

// A stream tells of a failed write (a full disk, a closed pipe) one turn later; mishap() hears of it.
async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (stream.writableLength > 0 && !stream.destroyed) await new Promise((resolve) => stream.write("", resolve));
}
