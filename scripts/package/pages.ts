import { packageFolder } from "../../src/cluster/paths.ts";
import { docs, fill } from "./files.ts";
import type { Command, Option } from "./help.ts";
import type { Release } from "./release.ts";

/** A man page of one command, as roff. `page` is the file of the documentation that says more, or "". */
export function manPage(command: Command, page: string, { version, date }: Release): string {
  return fill("command.8", {
    ...roff({
      name: command.name,
      title: command.name.toUpperCase(),
      summary: command.summary,
      brief: command.brief,
    }),
    ...roff({ version, page, docs, folder: packageFolder, arguments: command.arguments, date: day(date) }),
    options: command.options.map(({ name, value, about }) => roff({ name, value: value ?? "", about })),
  });
}

export function overview(title: string, commands: readonly Command[], { version, date }: Release): string {
  return fill("keepalived-redis.8", {
    ...roff({ summary: title, version, docs, date: day(date) }),
    commands: commands.map(({ name, summary }) => roff({ name, summary })),
  });
}

/** The completion for bash. An option means the same wherever it is, so its values are listed once. */
export function completion(commands: readonly Command[]): string {
  const options = new Map<string, Option>();
  for (const option of commands.flatMap((command) => command.options))
    if (option.choices.length > 0 || !options.has(option.name)) options.set(option.name, option);
  const all = [...options.values()];
  const valued = all.filter(({ value, choices }) => value !== undefined && choices.length === 0);
  return fill("completion.bash", {
    names: commands.map(({ name }) => name).join(" "),
    choices: all
      .filter(({ choices }) => choices.length > 0)
      .map(({ name, choices }) => ({ option: name, values: choices.join(" ") })),
    valued: valued.map(({ name }) => `--${name}`).join(" | "),
    commands: commands.map((command) => ({
      name: command.name,
      words: [...(command.arguments.match(/[a-z]+/g) ?? []), ...command.options.map(({ name }) => `--${name}`)].join(
        " ",
      ),
    })),
  });
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** The values as text for roff: no backslash, hyphen or leading dot of theirs is a request. */
function roff(values: Record<string, string>): Record<string, string> {
  const escaped = (text: string) =>
    text
      .replaceAll("\\", "\\e")
      .replaceAll("-", "\\-")
      .replace(/^(?=[.'])/, "\\&");
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, escaped(text)]));
}
