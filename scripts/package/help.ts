import { execFile } from "node:child_process";
import { promisify } from "node:util";

// Man pages and completion come from what the executables print for --help: an option is described once, in its executable.

export interface Option {
  name: string;
  about: string;
  /** What the help calls its value; an option without it is a flag. */
  value: string | undefined;
  choices: string[];
}

export interface Command {
  name: string;
  summary: string;
  /** The first statement of the summary. */
  brief: string;
  /** What may stand before the options, such as `on|off`. */
  arguments: string;
  options: Option[];
}

export async function commandsOf(executables: readonly { name: string; path: string }[]): Promise<Command[]> {
  const commands = await Promise.all(executables.map(async ({ name, path }) => parseHelp(name, await helpOf(path))));
  const all = commands.flatMap(({ options }) => options);
  // yargs does not name the values, but those of most options are named in the help of another executable.
  const namedValue = ({ name, value }: Option) =>
    value && all.find((one) => one.name === name && one.value !== unnamed)?.value;
  return commands.map((command) => ({
    ...command,
    options: command.options.map((option) => ({ ...option, value: namedValue(option) ?? option.value })),
  }));
}

const unnamed = "VALUE";

async function helpOf(executable: string): Promise<string> {
  // In an environment of its own: KEEPALIVED_REDIS_CLUSTER would be named as a default.
  const { stdout } = await promisify(execFile)(process.execPath, [executable, "--help"], { env: {} });
  return stdout;
}

/** Reads the help of `src/cli/plain-cli.ts` as well as that of yargs. */
export function parseHelp(name: string, help: string): Command {
  const [head = "", list = ""] = help.split(/\n\nUsage: .*\n\n(?:Options:\n)?/);
  const [, words, summary] = /^(\S+ [^:]*?): (.*)$/s.exec(head) ?? [undefined, "", head];
  const own = words?.startsWith(`${name} `) ? words.slice(name.length + 1) : undefined;
  const options = list
    // A line that is deeply indented goes on with the one before.
    .replaceAll(/\n {4,}/g, " ")
    .split("\n")
    .flatMap((line) => optionIn(line) ?? []);
  const text = oneLine(own === undefined ? head : `${summary}`);
  const brief = lowerFirst(text.split(/[:.?!](?: |$)/)[0] ?? "");
  return { name, summary: upperFirst(text), brief, arguments: own ?? "", options };
}

function optionIn(line: string): Option | undefined {
  const [, name, value, rest = ""] = /^ {2}--([a-z-]+)(?: ([A-Z]+))? +(.*)$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const tags = /\s*\[(?:string|boolean|array|(?:choices|default): [^\]]*)\]/g;
  const choices = /\[choices: ([^\]]*)\]/.exec(rest)?.[1]?.match(/[a-z]+/g) ?? [];
  const takesValue = choices.length > 0 || /\[(?:string|array)\]/.test(rest);
  return {
    name,
    about: oneLine(rest.replaceAll(tags, "")),
    value: value ?? (takesValue ? unnamed : undefined),
    choices,
  };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
