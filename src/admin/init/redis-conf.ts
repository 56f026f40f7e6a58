import { dirname, resolve } from "node:path";

/** What is read from a redis.conf, and what is written into it. */

export interface Directive {
  name: string;
  value: string;
}

/** The settings of a text in the form of redis.conf, in order. */
export const directives = (text: string): Directive[] =>
  text
    .split("\n")
    .map((line) => /^\s*([a-z][\w-]*)\s+(.*?)\s*$/i.exec(line))
    .filter((match) => match !== null)
    .map(([, name = "", value = ""]) => ({ name: name.toLowerCase(), value: unquoted(value) }));

const unquoted = (value: string): string => {
  const [, double] = /^"(.*)"$/.exec(value) ?? [];
  if (double !== undefined) return double.replace(/\\(.)/g, "$1");
  return /^'(.*)'$/.exec(value)?.[1] ?? value;
};

const maxDepth = 8;

/** The value that counts: the last one, in included files too. `read` gives the text of a file, if it is there. */
export function lastValue(file: string, name: string, read: (file: string) => string | undefined): string | undefined {
  return all(file, read, 0).findLast((one) => one.name === name)?.value;
}

function all(file: string, read: (file: string) => string | undefined, depth: number): Directive[] {
  if (depth > maxDepth) return [];
  return directives(read(file) ?? "").flatMap((one) =>
    one.name === "include" ? all(resolve(dirname(file), one.value), read, depth + 1) : [one],
  );
}

/** The text with a line `include FILE` at its end, where it overrides what stands above. Unchanged if it is the last one already. */
export function withInclude(text: string, file: string, comment: string): string {
  const line = `include ${file}`;
  const last = text.split("\n").findLast((one) => one.trim() !== "" && !one.trim().startsWith("#"));
  if (last?.trim() === line) return text;
  const others = text
    .split("\n")
    .filter((one) => one.trim() !== line && one !== comment)
    .join("\n");
  return `${others}${others === "" || others.endsWith("\n") ? "" : "\n"}${comment}\n${line}\n`;
}

const units: Record<string, number> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1e6,
  mb: 1024 ** 2,
  g: 1e9,
  gb: 1024 ** 3,
};

/** Two values mean the same: Redis answers with bytes where a file says `64mb`. */
export const sameValue = (a: string, b: string): boolean => a === b || inBytes(a) === inBytes(b);

function inBytes(value: string): number | string {
  const [, number, unit = ""] = /^(\d+)([a-z]*)$/i.exec(value) ?? [];
  const factor = units[unit.toLowerCase()];
  return number === undefined || factor === undefined ? value : Number(number) * factor;
}
