import type * as v from "valibot";
import { nearest } from "./nearest.ts";
import { clusterSchema } from "./schema.ts";

export type Issue = v.BaseIssue<unknown>;

/** What is wrong with a cluster file, in one line that names the key, the value given and the way out. */
export function describeIssue(issues: readonly [Issue, ...Issue[]]): string {
  // A misspelt key is missing under its right name as well, and that is not what is wrong with it.
  const issue = issues.find(isUnknownKey) ?? issues[0];
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  // valibot takes a list for an object; it is `[[vip]]` for `[vip]`.
  const list = (issue.path ?? []).findIndex(({ type, input }) => type === "object" && Array.isArray(input));
  if (list > 0) return `${place(path.slice(0, list))} = [...] must be a table of keys, in single brackets`;
  if (isUnknownKey(issue)) return unknownKey(path);
  const where = place(path);
  const must = issue.message.startsWith("Invalid") ? undefined : issue.message;
  if (issue.input === undefined) return `${where} is missing${must ? `: it ${must}` : ""}`;
  return `${where} = ${shown(issue.input, where)} ${must ?? "must be a table of keys"}`;
}

const isUnknownKey = ({ type, expected }: Issue): boolean => type === "strict_object" && expected === "never";

// A table or list where it doesn't belong may have a password in it.
function shown(value: unknown, where: string): string {
  if (Array.isArray(value)) return "[...]";
  if (typeof value === "object") return "{...}";
  return /password$/.test(where) ? "***" : JSON.stringify(value);
}

function place(path: readonly (string | number)[]): string {
  const parts = path.map((key, index) => (typeof key === "number" ? `[${key}]` : index ? `.${key}` : key));
  return parts.join("");
}

function unknownKey(path: readonly (string | number)[]): string {
  const key = String(path.at(-1));
  const known = Object.keys(entriesAt(path.slice(0, -1)));
  const near = nearest(key, known);
  const said = `unknown key \`${place(path)}\``;
  if (near) return `${said}; did you mean \`${near}\`?`;
  const home = homeOf(key);
  return home === undefined ? `${said}; known here: ${known.join(", ")}` : `${said}; it belongs ${home}`;
}

/** Where a key that stands in the wrong table belongs: in TOML a key belongs to the last [table] above it. */
function homeOf(key: string): string | undefined {
  const sections = Object.keys(entriesAt([]));
  if (sections.includes(key)) return "at the top of the file, above the first [table]";
  const home = sections.find((section) => Object.hasOwn(entriesAt([section, 0]), key));
  return home && (home === "nodes" ? "under [[nodes]]" : `under [${home}]`);
}

/** What the schema knows at a place. */
function entriesAt(path: readonly (string | number)[]): Record<string, unknown> {
  let schema: Schema = clusterSchema;
  for (const key of path) {
    const { entries, item } = inside(schema);
    if (typeof key === "string") schema = (entries?.[key] ?? {}) as Schema;
    else if (item) schema = item;
  }
  return inside(schema).entries ?? {};
}

/** The parts of valibot's schemas that we look into: `optional` wraps one, an object has entries, an array an item. */
interface Schema {
  wrapped?: Schema;
  entries?: Record<string, unknown>;
  item?: Schema;
}

const inside = (schema: Schema): Schema => schema.wrapped ?? schema;
