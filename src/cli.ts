import yargs, { type Argv } from "yargs";
import { Refusal, UsageError } from "./cluster/errors.ts";
import { version } from "./version.ts";

/** Options that every executable has. */
export interface Common {
  cluster: string;
  node: string | undefined;
  "log-level": "error" | "warn" | "info" | "debug";
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
 * and the way out. Arguments that Keepalived appends to a hook are accepted; an unknown option isn't.
 */
export async function runCli<Options = Common>({ name, summary, options, run }: Command<Options>): Promise<void> {
  process.exitCode = await exitCode(name, async () => {
    const base = yargs(process.argv.slice(2))
      .scriptName(name)
      .usage(`${summary}\n\nUsage: $0 [options]`)
      .locale("en")
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
      .option("log-level", { choices: ["error", "warn", "info", "debug"] as const, default: "info" as const })
      .version(version)
      .help()
      .strictOptions()
      .parserConfiguration({ "duplicate-arguments-array": false, "camel-case-expansion": false })
      .exitProcess(false)
      .fail((message, error) => {
        throw (
          error ?? new UsageError(message.split("\n").at(-1) ?? message, { hint: `${name} --help lists the options` })
        );
      });
    const parser = (options ? options(base as unknown as Argv<Common>) : base) as Argv;
    const parsed = await parser.parse();
    if (parsed.help === true || parsed.version === true) return 0;
    return run(parsed as unknown as Options & Common);
  });
}

async function exitCode(name: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof Refusal) {
      process.stderr.write(`${name}: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ""}`);
      return error instanceof UsageError ? 2 : 1;
    }
    const shown = process.env.KEEPALIVED_REDIS_DEBUG ? (error as Error).stack : (error as Error).message;
    process.stderr.write(`${name}: ${shown}\n`);
    return 1;
  }
}
