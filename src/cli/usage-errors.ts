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

const dashed = (option: string): string => (option.length === 1 ? `-${option}` : `--${option}`);
