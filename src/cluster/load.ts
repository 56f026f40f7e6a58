import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { UsageError } from "./errors.ts";
import { describeIssue } from "./issue-message.ts";
import { checkRules } from "./rules.ts";
import { type Cluster, clusterSchema } from "./schema.ts";

/** Reads and checks a cluster file. Throws a UsageError of one line, with the file, the key and the value, and a remedy. */
export function loadCluster(file: string): { cluster: Cluster; text: string } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file}: ${unreadable((error as NodeJS.ErrnoException).code)}`, {
      remedy: "name the cluster file with --cluster FILE or KEEPALIVED_REDIS_CLUSTER",
      cause: error,
    });
  }
  return { cluster: parseCluster(text, file), text };
}

function unreadable(code: string | undefined): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "no such cluster file";
  if (code === "EISDIR") return "this is a folder, not a cluster file";
  if (code === "EACCES") return "this user may not read the cluster file";
  return `can't read the cluster file (${code})`;
}

/** As `loadCluster`, for a text. `file` is its name in errors. */
export function parseCluster(text: string, file: string): Cluster {
  const found = v.safeParse(clusterSchema, parseToml(text, file), { abortPipeEarly: true });
  if (!found.success) {
    const remedy = "docs/cluster-file.md explains every key";
    throw new UsageError(`${file}: ${describeIssue(found.issues)}`, { remedy });
  }
  const violation = checkRules(found.output);
  if (violation) throw new UsageError(`${file}: ${violation.message}`, { remedy: violation.remedy });
  return found.output;
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [why = "not TOML"] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    const remedy = `the line reads: ${lineOf(text, error.line)} (texts stand in "quotes")`;
    throw new UsageError(`${file}:${error.line}:${error.column}: ${why}`, { remedy });
  }
}

/** A line as an error may show it: without a password. The key may be some lines above, if a text is not closed. */
function lineOf(text: string, line: number): string {
  const lines = text.split("\n");
  const shown = lines[line - 1]?.trim() ?? "";
  const key = lines.slice(0, line).findLast((one) => one.includes("=")) ?? "";
  return /pass|secret|auth/i.test(key) ? shown.replace(/^([\w.\s-]+=)?.*/, "$1 ***").trim() : shown;
}
