import { parseArgs } from "node:util";
import { UsageError } from "../cluster/errors.ts";
import { nearest } from "../cluster/nearest.ts";
import type { Level } from "../model/log.ts";
import { version } from "../system/version.ts";
import { printError } from "./exit.ts";

/** An option of an executable that Keepalived starts: a flag unless it has a `value`, whose name the help shows. */
export interface PlainOption {
  value?: string;
  /** None: not in the help. */
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
 * The command line of whatever Keepalived starts, without yargs, which costs 13 ms a start: the monitor starts every
 * second, and while a hook starts nobody is master. Arguments that Keepalived appends are accepted.
 */
export function runPlain(command: PlainCommand): void {
  // Keepalived starts its scripts with umask 0177, with which every folder that we make would be one nobody can enter.
  process.umask(0o022);
  const { name } = command;
  const fail = (error: unknown) => process.exit(printError(name, error));
  process.on("uncaughtException", fail);
  // Not by way of endWith: the streams that it watches cost the monitor three milliseconds, and Keepalived reads neither.
  work(command).then((code) => process.exit(code), fail);
}

async function work({ name, summary, options, run }: PlainCommand): Promise<number> {
  // An executable may have its own word on an option that all have.
  const known = { ...options, ...common, ...options };
  const values = parsed(name, known);
  if (values.help) process.stdout.write(helpText(name, summary, known));
  else if (values.version) process.stdout.write(`${version}\n`);
  else return run(values);
  return 0;
}

export const textsOf = (value: Values[string]): string[] | undefined => (Array.isArray(value) ? value : undefined);

/** `--log-level`, which was checked when the options were read. */
export const levelOf = (values: Values): Level | undefined => textOf(values["log-level"]) as Level | undefined;

export const textOf = (value: Values[string]): string | undefined => (typeof value === "string" ? value : undefined);

function parsed(name: string, known: Record<string, PlainOption>): Values {
  // As Keepalived starts them where all is at its default; parseArgs alone costs a millisecond.
  if (process.argv.length === 2) return {};
  const spec = Object.entries(known).map(
    ([option, { value, many }]) => [option, { type: value ? "string" : "boolean", multiple: many === true }] as const,
  );
  try {
    const { values } = parseArgs({ allowPositionals: true, options: Object.fromEntries(spec) });
    const level = values["log-level"];
    if (typeof level === "string" && !/^(error|warn|info|debug)$/.test(level)) {
      throw new UsageError(`--log-level ${level}: it is one of error, warn, info, debug`);
    }
    return values as Values;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { message } = error as Error;
    const remedy = `${name} --help lists the options`;
    const unknown = /Unknown option '-*([^']+)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message.split(/\.\s/)[0] ?? message, { remedy });
    const near = nearest(unknown, Object.keys(known));
    throw new UsageError(`unknown option --${unknown}${near ? `; did you mean --${near}?` : ""}`, { remedy });
  }
}

function helpText(name: string, summary: string, known: Record<string, PlainOption>): string {
  const shown = Object.entries(known).filter(([, { about }]) => about !== undefined);
  const lines = shown.map(
    ([option, { value, about }]) => `  ${`--${option}${value ? ` ${value}` : ""}`.padEnd(20)} ${about}`,
  );
  return `${summary}\n\nUsage: ${name} [options]\n\n${lines.join("\n")}\n`;
}
