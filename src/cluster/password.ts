import { readFileSync, statSync } from "node:fs";
import { UsageError } from "./errors.ts";
import type { Cluster } from "./schema.ts";

/** The password in `redis.password_file`, without the newline at its end. Throws a UsageError. */
export function readPassword({ redis }: Cluster): string | undefined {
  const file = redis.password_file;
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(`can't read redis.password_file ${file} (${code})`, {
      remedy: "the file must contain the password of Redis and be readable by root",
      cause: error,
    });
  }
  const password = text.replace(/\r?\n$/, "");
  if (password === "")
    throw new UsageError(`redis.password_file ${file} is empty`, {
      remedy: "remove the key if Redis has no password",
    });
  if (/[\r\n]/.test(password))
    throw new UsageError(`redis.password_file ${file} has more than one line`, {
      remedy: "the file must contain the password of Redis and nothing else",
    });
  return password;
}

/** A warning if users other than its owner can read the password file. */
export function passwordWarning({ redis }: Cluster): string | undefined {
  const file = redis.password_file;
  const mode = file && statSync(file, { throwIfNoEntry: false })?.mode;
  if (!mode || (mode & 0o077) === 0) return undefined;
  return `redis.password_file ${file} can be read by others on this host: chmod 600 ${file}`;
}
