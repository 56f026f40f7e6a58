import { CommandRefused, UsageError } from "../cluster/errors.ts";

/**
 * Does the work of an executable and ends the process with its exit code: 0 done, 1 refused or failed, 2 wrong usage or
 * cluster file. A user's mistake is printed as one line and a remedy, unless `failed` says it otherwise. An open connection does not
 * keep the process running.
 */
export async function exitWith(
  name: string,
  work: () => Promise<number>,
  failed = (error: unknown) => printError(name, error),
): Promise<void> {
  // Keepalived starts scripts with umask 0177, and a folder with that mask can't be entered.
  process.umask(0o022);
  // Once the file that calls this was read to its end: what stands below the call is not defined before.
  const done = Promise.resolve()
    .then(work)
    .then(async (code) => {
      await flushed(process.stdout);
      return code;
    });
  process.exit(await Promise.race([done, unexpectedEnd()]).catch(failed));
}

/** Rejects at an error that no promise reports: an exception in a callback, or a promise that nothing can settle any more. */
function unexpectedEnd(): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.on("uncaughtException", reject);
    process.once("beforeExit", () => reject(new Error("it ended before its work was done")));
    // A closed pipe (`| head -1`) does not stop the work.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => error.code !== "EPIPE" && reject(error));
    process.stderr.on("error", () => undefined);
  });
}

/** Prints the error to standard error and returns the exit code. */
export function printError(name: string, error: unknown): number {
  const remedy = isMistake(error) && error.remedy ? `  ${shown(error.remedy)}\n` : "";
  process.stderr.write(`${name}: ${inWords(error)}\n${remedy}`);
  return error instanceof UsageError ? 2 : 1;
}

/** The error as one line. */
export function inWords(error: unknown): string {
  if (isMistake(error)) return shown(error.message);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return `unexpected: ${process.env.KEEPALIVED_REDIS_DEBUG ? stack : shown(message.split("\n")[0] ?? "")}`;
}

const isMistake = (error: unknown): error is UsageError | CommandRefused =>
  error instanceof UsageError || error instanceof CommandRefused;

/** A terminal obeys control characters, and an error may quote an option, a file or a server. */
const shown = (text: string): string => text.replaceAll(/\p{Cc}+/gu, "?").slice(0, 2000);

// A stream reports a failed write (a full disk, a closed pipe) one turn of the event loop later, to unexpectedEnd().
async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (stream.writableLength > 0 && !stream.destroyed) await new Promise((resolve) => stream.write("", resolve));
}
