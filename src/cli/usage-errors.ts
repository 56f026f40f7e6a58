import { UsageError } from "../cluster/errors.ts";
import { nearest } from "../cluster/nearest.ts";

/** The error message of yargs as a UsageError of one line, with a remedy. */
export function usageError(message: string, name: string, known: readonly string[]): UsageError {
  const remedy = `${name} --help lists the options`;
  const unknown = /^Unknown arguments?: (.+)$/m.exec(message)?.[1]?.split(", ");
  if (unknown) {
    const [first = ""] = unknown;
    const near = nearest(first, known);
    return new UsageError(`unknown option ${dashed(first)}${near ? `; did you mean ${dashed(near)}?` : ""}`, {
      remedy,
    });
  }
  const valueless = /^Not enough arguments following: (.+)$/m.exec(message)?.[1];
  if (valueless) return new UsageError(`${dashed(valueless)} needs a value`, { remedy });
  const choice = /Argument: (.+), Given: (.*), Choices: (.+)$/m.exec(message);
  if (choice) {
    const [, option = "", given, choices = ""] = choice;
    return new UsageError(`${dashed(option)} ${given}: it is one of ${choices.replaceAll('"', "")}`, { remedy });
  }
  return new UsageError(message.split("\n").at(-1)?.trim() ?? message, { remedy });
}

/** What yargs does not see: a flag with a value, an empty value (of an unset variable, mostly), or text for a number. */
export function wrongValue(
  argv: readonly string[],
  parsed: Readonly<Record<string, unknown>>,
  flags: readonly string[],
): string | undefined {
  const end = argv.indexOf("--");
  const given = end < 0 ? argv : argv.slice(0, end);
  const flag = flags.find((one) => given.some((word) => word.startsWith(`--${one}=`)));
  if (flag !== undefined) return `--${flag} takes no value`;
  const [empty] = Object.entries(parsed).find(([, value]) => value === "") ?? [];
  if (empty !== undefined) return `--${empty} needs a value`;
  const [text] = Object.entries(parsed).find(([, value]) => Number.isNaN(value)) ?? [];
  return text === undefined ? undefined : `--${text} needs a number`;
}

const dashed = (option: string): string => (option.length === 1 ? `-${option}` : `--${option}`);
