import type * as v from "valibot";
import { nearest } from "./nearest.ts";
import { clusterSchema } from "./schema.ts";

export type Issue = v.BaseIssue<unknown>;

/** What is wrong with a cluster file, in one line: the key, its value, and what the value must be. */
export function describeIssue(issues: readonly [Issue, ...Issue[]]): string {
  // A misspelt key is reported twice: as an unknown key, and as missing under its right name.
  const issue = issues.find(isUnknownKey) ?? issues[0];
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  // valibot accepts a list as an object: `[[vip]]` instead of `[vip]`.
  const list = (issue.path ?? []).findIndex(({ type, input }) => type === "object" && Array.isArray(input));
  if (list > 0) return `${keyPath(path.slice(0, list))} = [...] must be a table of keys, in single brackets`;
  if (isUnknownKey(issue)) return unknownKey(path);
  const key = keyPath(path);
  const must = issue.message.startsWith("Invalid") ? undefined : issue.message;
  if (issue.input === undefined) return `${key} is missing${must ? `: it ${must}` : ""}`;
  return `${key} = ${valueInWords(issue.input, key)} ${must ?? "must be a table of keys"}`;
}

const isUnknownKey = ({ type, expected }: Issue): boolean => type === "strict_object" && expected === "never";

// A table or list in the wrong place may contain a password.
function valueInWords(value: unknown, key: string): string {
  if (Array.isArray(value)) return "[...]";
  if (typeof value === "object") return "{...}";
  return /password$/.test(key) ? "***" : JSON.stringify(value);
}

function keyPath(path: readonly (string | number)[]): string {
  const parts = path.map((key, index) => (typeof key === "number" ? `[${key}]` : index ? `.${key}` : key));
  return parts.join("");
}

function unknownKey(path: readonly (string | number)[]): string {
  const key = String(path.at(-1));
  const known = Object.keys(entriesAt(path.slice(0, -1)));
  const near = nearest(key, known);
  const problem = `unknown key \`${keyPath(path)}\``;
  if (near) return `${problem}; did you mean \`${near}\`?`;
  const belongs = tableOf(key);
  return belongs === undefined ? `${problem}; known here: ${known.join(", ")}` : `${problem}; it belongs ${belongs}`;
}

/** Where a key of another table belongs. A frequent mistake, since in TOML a key belongs to the last [table] above it. */
function tableOf(key: string): string | undefined {
  const tables = Object.keys(entriesAt([]));
  if (tables.includes(key)) return "at the top of the file, above the first [table]";
  const table = tables.find((one) => Object.hasOwn(entriesAt([one, 0]), key));
  return table && (table === "nodes" ? "under [[nodes]]" : `under [${table}]`);
}

/** The keys that the schema has at a path. */
function entriesAt(path: readonly (string | number)[]): Record<string, unknown> {
  let schema: Schema = clusterSchema;
  for (const key of path) {
    const { entries, item } = unwrapped(schema);
    if (typeof key === "string") schema = (entries?.[key] ?? {}) as Schema;
    else if (item) schema = item;
  }
  return unwrapped(schema).entries ?? {};
}

/** The parts of valibot's schemas that are read here: `optional` wraps one, an object has entries, an array an item. */
interface Schema {
  wrapped?: Schema;
  entries?: Record<string, unknown>;
  item?: Schema;
}

const unwrapped = (schema: Schema): Schema => schema.wrapped ?? schema;
