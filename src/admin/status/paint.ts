import type { Paint, Style } from "./columns.ts";

const codes: Readonly<Record<Style, string>> = {
  head: "\x1b[1m",
  wrong: "\x1b[31m",
  warning: "\x1b[33m",
  good: "\x1b[32m",
  unseen: "\x1b[2m",
  none: "",
};

/** Colours on a terminal only, and not where NO_COLOR is set (no-color.org). */
export function paintFor(out: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Paint {
  if (out.isTTY !== true || environment.NO_COLOR || environment.TERM === "dumb") return (text) => text;
  return (text, style) => (codes[style] === "" || text === "" ? text : `${codes[style]}${text}\x1b[0m`);
}
