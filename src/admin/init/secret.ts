import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../cluster/errors.ts";
import { readIfPresent } from "../../system/read-file.ts";
import { type Ask, missing } from "./ask.ts";

export interface SecretInput {
  /** `redis.password_file` of the cluster file; undefined: no password. */
  file: string | undefined;
  /** The file that --password-file names. */
  given: string | undefined;
  /** `requirepass` of the local Redis. */
  found: string | undefined;
  /** The cluster has a password already. */
  join: boolean;
  root: string;
  ask: Ask;
}

export interface Secret {
  password: string | undefined;
  /** Where it is from, for the operator. */
  from: string;
}

/** The password of Redis: as given, as it is in its file already, as the local Redis has it, or a new one. */
export async function secretOf({ file, given, found, join: joining, root, ask }: SecretInput): Promise<Secret> {
  if (file === undefined) return { password: undefined, from: "none" };
  if (given !== undefined) return { password: firstLine(given), from: given };
  const present = readIfPresent(join(root, file));
  if (present !== undefined) return { password: oneLine(present, file), from: file };
  if (joining) {
    if (!ask) throw missing("--password-file", "The file with the password of Redis, as the first node has it");
    return {
      password: oneLine(await ask("Password of Redis, as the first node has it", undefined), "it"),
      from: "you",
    };
  }
  if (found !== undefined && found !== "") return { password: found, from: "requirepass of the local Redis" };
  return { password: randomBytes(24).toString("base64url"), from: "a new one" };
}

function firstLine(file: string): string {
  try {
    return oneLine(readFileSync(file, "utf8"), file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`can't read --password-file ${file} (${(error as NodeJS.ErrnoException).code})`, {
      remedy: "it must contain the password of Redis and nothing else",
    });
  }
}

function oneLine(text: string, file: string): string {
  const password = text.replace(/\r?\n$/, "");
  if (password !== "" && !/[\r\n]/.test(password)) return password;
  throw new UsageError(`${file} is not a password: it must be one line`, {
    remedy: "the file must contain the password of Redis and nothing else",
  });
}
