import yargs, { type Argv } from "yargs";
import { UsageError } from "../cluster/errors.ts";
import { clusterFile } from "../cluster/paths.ts";
import type { Level } from "../model/log.ts";
import { version } from "../system/version.ts";
import { exitWith } from "./exit.ts";
import { usageError, wrongValue } from "./usage-errors.ts";

/** Options of every executable. */
export interface Common {
  cluster: string;
  node: string | undefined;
  "log-level": Level;
}

export interface Command<Options> {
  name: string;
  summary: string;
  /** It writes no log: `--log-level` is refused. */
  logs?: false;
  /** It takes arguments that are no options. */
  words?: true;
  options?: (argv: Argv<Common>) => Argv<Options>;
  /** Says what is wrong in another way than all executables do, and returns the exit code. */
  failed?: ((error: unknown) => number) | undefined;
  /** Resolves to the exit code. */
  run(options: Options & Common, words: string[]): Promise<number>;
}

export const parserConfiguration = {
  "camel-case-expansion": false,
  // `--cluster.x 1` would make an object of a file name, and `--no-cluster` make it false.
  "dot-notation": false,
  "boolean-negation": false,
  // A file may be named 0123.
  "parse-positional-numbers": false,
};

/**
 * Parses the options, runs the command and ends the process with its exit code, see exitWith. An unknown option is a usage
 * error, and so is an option without its value or an argument that the command does not take.
 */
export function runCli<Options = Common>(command: Command<Options>): Promise<void> {
  return exitWith(command.name, () => runCommand(command), command.failed);
}

async function runCommand<Options>({ name, summary, logs, words, options, run }: Command<Options>): Promise<number> {
  const argv = process.argv.slice(2);
  const base = yargs(argv)
    .scriptName(name)
    .usage(`${summary}\n\nUsage: $0 [options]`)
    .locale("en")
    .wrap(Math.min(process.stdout.columns || 100, 120))
    .option("cluster", {
      type: "string",
      requiresArg: true,
      default: clusterFile(),
      describe: "the cluster file",
    })
    .option("node", {
      type: "string",
      requiresArg: true,
      describe: "which node this is (default: by this host's addresses)",
    })
    .version(version)
    .help()
    .strictOptions()
    .parserConfiguration({ ...parserConfiguration, "duplicate-arguments-array": false })
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof UsageError ? error : usageError(message ?? error.message, name, knownOptions(base));
    });
  if (logs !== false)
    base.option("log-level", {
      choices: ["error", "warn", "info", "debug"] as const,
      default: "info" as const,
      describe: "how much goes to the log",
    });
  const parser = (options ? options(base as unknown as Argv<Common>) : base) as Argv;
  const { _: given, ...parsed } = parser.parseSync();
  if (parsed.help === true || parsed.version === true) return 0;
  const wrong =
    wrongValue(argv, parsed, optionsOf(parser).boolean) ?? (words ? undefined : unwanted(given.map(String)));
  if (wrong !== undefined) throw new UsageError(wrong, { remedy: `${name} --help lists the options` });
  return run(parsed as unknown as Options & Common, given.map(String));
}

const unwanted = ([first]: string[]): string | undefined =>
  first === undefined ? undefined : `there is no argument "${first}", only options`;

// Missing in @types/yargs. The completion of yargs uses it.
const optionsOf = (argv: Argv) =>
  (argv as unknown as { getOptions(): { key: Record<string, unknown>; boolean: string[] } }).getOptions();

const knownOptions = (argv: Argv): string[] => Object.keys(optionsOf(argv).key);
