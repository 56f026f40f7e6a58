import { parseArgs } from "node:util";
import { UsageError } from "../cluster/errors.ts";
import { nearest } from "../cluster/nearest.ts";
import type { Level } from "../model/log.ts";
import { version } from "../system/version.ts";
import { printError } from "./exit.ts";

/** An option of an executable that Keepalived starts. */
export interface PlainOption {
  /** The name of its value in the help. An option without it is a flag. */
  value?: string;
  /** Its help. An option without it is not listed. */
  about?: string;
  /** May be given more than once. */
  many?: true;
}

export type Values = Record<string, string | boolean | string[] | undefined>;

export interface PlainCommand {
  name: string;
  summary: string;
  options: Record<string, PlainOption>;
  run(values: Values): Promise<number>;
}

const common: Record<string, PlainOption> = {
  cluster: {
    value: "FILE",
    about: "the cluster file (default: KEEPALIVED_REDIS_CLUSTER or /etc/keepalived-redis/cluster.toml)",
  },
  node: { value: "NAME", about: "which node this is (default: by this host's addresses)" },
  "log-level": { value: "LEVEL", about: "how much goes to the log: error, warn, info or debug" },
  help: { about: "show this" },
  version: { about: "show the version" },
};

/**
 * The command line of executables that Keepalived starts. It does without yargs, which takes 13 ms to load: the monitor starts
 * every second, and until a hook has started there is no master. Arguments that Keepalived appends are accepted.
 */
export function runPlain(command: PlainCommand): void {
  // Keepalived starts scripts with umask 0177, and a folder with that mask can't be entered.
  process.umask(0o022);
  const { name } = command;
  const fail = (error: unknown) => process.exit(printError(name, error));
  // A closed pipe (`| head -1`) does not stop the work.
  process.on("uncaughtException", (error: NodeJS.ErrnoException) => error.code === "EPIPE" || fail(error));
  // Without exitWith(): the streams that it watches take 3 ms of each monitor run, and Keepalived reads neither.
  runCommand(command).then((code) => process.exit(code), fail);
}

async function runCommand({ name, summary, options, run }: PlainCommand): Promise<number> {
  // An executable may replace the help of a common option.
  const known = { ...options, ...common, ...options };
  const values = parsed(name, known);
  if (values.help) process.stdout.write(helpText(name, summary, known));
  else if (values.version) process.stdout.write(`${version}\n`);
  else return run(values);
  return 0;
}

export const textsOf = (value: Values[string]): string[] | undefined => (Array.isArray(value) ? value : undefined);

/** `--log-level`, which was checked by parsed(). */
export const levelOf = (values: Values): Level | undefined => textOf(values["log-level"]) as Level | undefined;

export const textOf = (value: Values[string]): string | undefined => (typeof value === "string" ? value : undefined);

function parsed(name: string, known: Record<string, PlainOption>): Values {
  // With default settings Keepalived passes no arguments, and parseArgs alone takes 1 ms.
  if (process.argv.length === 2) return {};
  const spec = Object.entries(known).map(
    ([option, { value, many }]) => [option, { type: value ? "string" : "boolean", multiple: many === true }] as const,
  );
  const wrong = (message: string) => new UsageError(message, { remedy: `${name} --help lists the options` });
  try {
    const { values } = parseArgs({ allowPositionals: true, options: Object.fromEntries(spec) });
    const [empty] = Object.entries(values).find(([, value]) => [value].flat().includes("")) ?? [];
    if (empty) throw wrong(`--${empty} needs a value`);
    const level = values["log-level"];
    if (typeof level === "string" && !/^(error|warn|info|debug)$/.test(level))
      throw wrong(`--log-level ${level}: it is one of error, warn, info, debug`);
    return values as Values;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { message } = error as Error;
    const option = /(?<= ')-[^' ]+/.exec(message)?.[0] ?? "";
    if (!message.startsWith("Unknown"))
      throw wrong(`${option} ${message.includes("does not") ? "takes no" : "needs a"} value`);
    const near = nearest(option.replace(/^-+/, ""), Object.keys(known));
    throw wrong(`unknown option ${option}${near ? `; did you mean --${near}?` : ""}`);
  }
}

function helpText(name: string, summary: string, known: Record<string, PlainOption>): string {
  const shown = Object.entries(known).filter(([, { about }]) => about !== undefined);
  const lines = shown.map(
    ([option, { value, about }]) => `  ${`--${option}${value ? ` ${value}` : ""}`.padEnd(20)} ${about}`,
  );
  return `${summary}\n\nUsage: ${name} [options]\n\n${lines.join("\n")}\n`;
}
