import yargs, { type Argv } from "yargs";
import { UsageError } from "../cluster/errors.ts";
import { clusterFile } from "../cluster/paths.ts";
import type { Level } from "../model/log.ts";
import { version } from "../system/version.ts";
import { exitWith } from "./exit.ts";
import { usageError } from "./usage-errors.ts";

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
  options?: (argv: Argv<Common>) => Argv<Options>;
  /** Resolves to the exit code. */
  run(options: Options & Common): Promise<number>;
}

/**
 * Parses the options, runs the command and ends the process with its exit code, see exitWith. Arguments that Keepalived
 * appends to a hook are accepted; an unknown option is a usage error.
 */
export function runCli<Options = Common>(command: Command<Options>): Promise<void> {
  return exitWith(command.name, () => runCommand(command));
}

async function runCommand<Options>({ name, summary, logs, options, run }: Command<Options>): Promise<number> {
  const base = yargs(process.argv.slice(2))
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
    .parserConfiguration({ "duplicate-arguments-array": false, "camel-case-expansion": false })
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
  const parsed = parser.parseSync();
  if (parsed.help === true || parsed.version === true) return 0;
  return run(parsed as unknown as Options & Common);
}

const knownOptions = (argv: Argv): string[] =>
  // Missing in @types/yargs. The completion of yargs uses it.
  Object.keys((argv as unknown as { getOptions(): { key: Record<string, unknown> } }).getOptions().key);
