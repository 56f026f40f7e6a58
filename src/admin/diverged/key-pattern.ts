import { UsageError } from "../../cluster/errors.ts";

/**
 * Whether a key fits a pattern like that of KEYS: `*`, `?`, `[a-z]`, `[^a]`, and `\` before a character that means itself. Throws a
 * UsageError.
 */
export function fits(pattern: string): (key: string) => boolean {
  const parts = pattern.match(/\\.|\[\^?(?:\\.|[^\]])+\]|./gsu) ?? [];
  try {
    const expression = new RegExp(`^${parts.map(asExpression).join("")}$`, "su");
    return (key) => expression.test(key);
  } catch {
    throw new UsageError(`${pattern} is no pattern of keys`, { remedy: "it is that of the command KEYS" });
  }
}

function asExpression(part: string): string {
  if (part === "*") return ".*";
  if (part === "?") return ".";
  if (part.length === 1) return literal(part);
  if (part.startsWith("\\")) return literal(part.slice(1));
  const not = part.startsWith("[^");
  const inside = part.slice(not ? 2 : 1, -1).replace(/\\(.)|([[\]^&~])/gsu, (_, escaped, plain) => {
    const character = String(escaped ?? plain);
    return character === "-" ? "\\-" : literal(character);
  });
  return `[${not ? "^" : ""}${inside}]`;
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|]/u, "\\$&");
