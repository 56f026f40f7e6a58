import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { UsageError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { betweenKeys } from "./rules.ts";
import { type Cluster, clusterSchema } from "./schema.ts";

/** Reads and checks a cluster file. Throws a UsageError of one line that names the file, the place, the value and the way out. */
export function loadCluster(file: string): { cluster: Cluster; text: string } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const hint = "name the cluster file with --cluster FILE or KEEPALIVED_REDIS_CLUSTER";
    if (code === "ENOENT") throw new UsageError(`${file}: no such cluster file`, { hint });
    throw new UsageError(`${file}: can't read the cluster file (${code})`, { hint });
  }
  return { cluster: parseCluster(text, file), text };
}

export function parseCluster(text: string, file: string): Cluster {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [why = "not TOML"] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new UsageError(`${file}:${error.line}:${error.column}: ${why}`, {
      hint: `the line reads: ${lineOf(text, error.line)}`,
    });
  }
  const found = v.safeParse(clusterSchema, raw, { abortPipeEarly: true });
  if (!found.success)
    throw new UsageError(`${file}: ${complaint(found.issues.find(isUnknownKey) ?? found.issues[0])}`, { hint: "docs/cluster-file.md explains every key" });
  const wrong = betweenKeys(found.output);
  if (wrong) throw new UsageError(`${file}: ${wrong.message}`, { hint: wrong.wayOut });
  return withVrrp2Default(found.output, raw);
}

// Keepalived's VRRPv2 knows whole seconds only, and a password means VRRPv2.
function withVrrp2Default(cluster: Cluster, raw: unknown): Cluster {
  const given = (raw as { vip: { advert_interval?: number } }).vip.advert_interval;
  if (cluster.vip.auth_password === undefined || given !== undefined) return cluster;
  return { ...cluster, vip: { ...cluster.vip, advert_interval: 1 } };
}

const lineOf = (text: string, line: number): string => {
  const shown = text.split("\n")[line - 1]?.trim() ?? "";
  return /password/.test(shown) ? shown.replace(/=.*/, "= ***") : shown;
};

type Issue = v.BaseIssue<unknown>;

// Said first: a misspelt key is missing under its right name, too.
const isUnknownKey = ({ type, expected }: Issue): boolean => type === "strict_object" && expected === "never";

function complaint(issue: Issue): string {
  const where = place(issue.path ?? []);
  if (isUnknownKey(issue)) return unknownKey(where);
  if (issue.input === undefined)
    return `${where} is missing${issue.message.startsWith("Invalid") ? "" : `: it ${issue.message}`}`;
  const value = /password/.test(where) && !where.endsWith("_file") ? "***" : JSON.stringify(issue.input);
  const message = issue.message.startsWith("Invalid") ? `must be ${issue.expected}` : issue.message;
  return `${where} = ${value} ${message}`;
}

function place(path: NonNullable<Issue["path"]> | []): string {
  return path.reduce(
    (text, { key, type }) =>
      type === "array" ? `${text}[${String(key)}]` : text ? `${text}.${String(key)}` : String(key),
    "",
  );
}

function unknownKey(where: string): string {
  const key = where.split(".").at(-1) ?? where;
  const known = knownKeys(where.split(".").slice(0, -1));
  const near = nearest(key, known);
  return `unknown key \`${where}\`; ${near ? `did you mean \`${near}\`?` : `known here: ${known.join(", ")}`}`;
}

function knownKeys(path: string[]): string[] {
  let schema: unknown = clusterSchema;
  for (const part of path) {
    const entries = (unwrapped(schema) as { entries?: Record<string, unknown> }).entries;
    schema = unwrapped(entries?.[part.replace(/\[\d+\]$/, "")]);
    if (/\]$/.test(part))
      schema = (schema as { item?: unknown }).item ?? (schema as { pipe?: { item: unknown }[] }).pipe?.[0]?.item;
  }
  return Object.keys((unwrapped(schema) as { entries?: object } | undefined)?.entries ?? {});
}

const unwrapped = (schema: unknown): unknown => (schema as { wrapped?: unknown } | undefined)?.wrapped ?? schema;
