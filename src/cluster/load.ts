import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { describeIssue } from "./complaint.ts";
import { UsageError } from "./errors.ts";
import { checkRules } from "./rules.ts";
import { type Cluster, clusterSchema } from "./schema.ts";

/** Reads and checks a cluster file. Throws a UsageError of one line that names the file, the place, the value and the way out. */
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

/** As `loadCluster`, for a text; `file` is what errors call it. */
export function parseCluster(text: string, file: string): Cluster {
  const found = v.safeParse(clusterSchema, parseToml(text, file), { abortPipeEarly: true });
  if (!found.success) {
    const remedy = "docs/cluster-file.md explains every key";
    throw new UsageError(`${file}: ${describeIssue(found.issues)}`, { remedy });
  }
  const wrong = checkRules(found.output);
  if (wrong) throw new UsageError(`${file}: ${wrong.message}`, { remedy: wrong.remedy });
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

/** A line as an error may show it. A text that is never closed may begin lines above: then its key is there. */
function lineOf(text: string, line: number): string {
  const lines = text.split("\n");
  const shown = lines[line - 1]?.trim() ?? "";
  const key = lines.slice(0, line).findLast((one) => one.includes("=")) ?? "";
  return /pass|secret|auth/i.test(key) ? shown.replace(/^([\w.\s-]+=)?.*/, "$1 ***").trim() : shown;
}
