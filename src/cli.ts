import yargs, { type Argv } from "yargs";
import { usageError } from "./cli-mistakes.ts";
import { Refusal, UsageError } from "./cluster/errors.ts";
import type { Level } from "./log-line.ts";
import { version } from "./version.ts";

/** Options that every executable has. */
export interface Common {
  cluster: string;
  node: string | undefined;
  "log-level": Level;
}

export interface Command<Options> {
  name: string;
  summary: string;
  options?: (argv: Argv<Common>) => Argv<Options>;
  /** Resolves to the exit code. */
  run(options: Options & Common): Promise<number>;
}

export const defaultCluster = "/etc/keepalived-redis/cluster.toml";

/**
 * Options in, exit code out: 0 done, 1 refused or failed, 2 wrong usage or cluster file. A user's mistake is one line
 * and the way out. Arguments that Keepalived appends to a hook are accepted; an unknown option isn't. Ends the process,
 * so that a connection somebody forgot can't keep it.
 */
export async function runCli<Options = Common>(command: Command<Options>): Promise<void> {
  // Keepalived starts its scripts with umask 0177, with which every folder that we make would be one nobody can enter.
  process.umask(0o022);
  const done = work(command).then(async (code) => {
    await written(process.stdout);
    return code;
  });
  process.exit(await Promise.race([done, mishap()]).catch((error: unknown) => tell(command.name, error)));
}

async function work<Options>({ name, summary, options, run }: Command<Options>): Promise<number> {
  const base = yargs(process.argv.slice(2))
    .scriptName(name)
    .usage(`${summary}\n\nUsage: $0 [options]`)
    .locale("en")
    .wrap(Math.min(process.stdout.columns || 100, 120))
    .option("cluster", {
      type: "string",
      requiresArg: true,
      default: process.env.KEEPALIVED_REDIS_CLUSTER || defaultCluster,
      describe: "the cluster file",
    })
    .option("node", {
      type: "string",
      requiresArg: true,
      describe: "which node this is (default: by this host's addresses)",
    })
    .option("log-level", {
      choices: ["error", "warn", "info", "debug"] as const,
      default: "info" as const,
      describe: "how much goes to the log",
    })
    .version(version)
    .help()
    .strictOptions()
    .parserConfiguration({ "duplicate-arguments-array": false, "camel-case-expansion": false })
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof UsageError ? error : usageError(message ?? error.message, name, knownOptions(base));
    });
  const parser = (options ? options(base as unknown as Argv<Common>) : base) as Argv;
  const parsed = parser.parseSync();
  if (parsed.help === true || parsed.version === true) return 0;
  return run(parsed as unknown as Options & Common);
}

const knownOptions = (argv: Argv): string[] =>
  // Not in @types/yargs; yargs' own completion reads it.
  Object.keys((argv as unknown as { getOptions(): { key: Record<string, unknown> } }).getOptions().key);

/** Rejects when something goes wrong that no promise tells: a bug in a callback, or work that waits for nothing. */
function mishap(): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.on("uncaughtException", reject);
    process.once("beforeExit", () => reject(new Error("it ended before its work was done")));
    // Whoever closes the pipe (`| head -1`) wants no more output; what was begun goes on.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => error.code !== "EPIPE" && reject(error));
    process.stderr.on("error", () => undefined);
  });
}

function tell(name: string, error: unknown): number {
  if (error instanceof UsageError || error instanceof Refusal) {
    process.stderr.write(`${name}: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ""}`);
    return error instanceof UsageError ? 2 : 1;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const shown = process.env.KEEPALIVED_REDIS_DEBUG ? stack : message.split("\n")[0];
  process.stderr.write(`${name}: unexpected: ${shown}\n`);
  return 1;
}

// A stream tells of a failed write (a full disk, a closed pipe) one turn later; mishap() hears of it.
async function written(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (stream.writableLength > 0 && !stream.destroyed) await new Promise((resolve) => stream.write("", resolve));
}
