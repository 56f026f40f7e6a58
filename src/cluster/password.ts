import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readIfPresent } from "../system/read-file.ts";
import { UsageError } from "./errors.ts";
import type { Cluster } from "./schema.ts";

/**
 * The password: the credential of systemd (systemd.exec(5), LoadCredential) that is named after the cluster or `redis-password`, or the
 * one in `redis.password_file`. Without the newline at its end. Throws a UsageError.
 */
export function readPassword({ name, redis }: Cluster): string | undefined {
  const file = credential(`${name}.redis-password`) ?? credential("redis-password") ?? redis.password_file;
  if (file === undefined) return undefined;
  const called = file === redis.password_file ? `redis.password_file ${file}` : `the credential ${file}`;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(`can't read ${called} (${code})`, {
      remedy:
        process.getuid?.() === 0
          ? "the file must contain the password of Redis and be readable by root"
          : "it is root's: let the unit of this program have LoadCredential=redis-password:FILE (generate-config --agent-service)",
      cause: error,
    });
  }
  const password = text.replace(/\r?\n$/, "");
  if (password === "")
    throw new UsageError(`${called} is empty`, {
      remedy: "remove the key if Redis has no password",
    });
  if (/[\r\n]/.test(password))
    throw new UsageError(`${called} has more than one line`, {
      remedy: "the file must contain the password of Redis and nothing else",
    });
  return password;
}

/** The file of a credential; undefined if this process got none of this name, or an empty one, which stands for a missing file. */
function credential(name: string): string | undefined {
  const folder = process.env.CREDENTIALS_DIRECTORY;
  const file = folder && join(folder, name);
  return file && readIfPresent(file)?.trim() ? file : undefined;
}

/** A warning if there is no password file, and how to make it. */
export function missingPassword({ redis }: Cluster): string | undefined {
  const file = redis.password_file;
  if (file === undefined || existsSync(file)) return undefined;
  return `there is no redis.password_file ${file}: install -D -m 600 /dev/null ${file}, and write the password of Redis into it`;
}

/** A warning if users other than its owner can read the password file. */
export function passwordWarning({ redis }: Cluster): string | undefined {
  const file = redis.password_file;
  const mode = file && statSync(file, { throwIfNoEntry: false })?.mode;
  if (!mode || (mode & 0o077) === 0) return undefined;
  return `redis.password_file ${file} can be read by others on this host: chmod 600 ${file}`;
}
