import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parseCluster } from "../../../src/cluster/load.ts";
import { clusterSchema } from "../../../src/cluster/schema.ts";

const file = fileURLToPath(new URL("../../../docs/cluster.sample.toml", import.meta.url));
const sample = readFileSync(file, "utf8");
const lines = sample.split("\n");

// `#key = ...` and `#[table]`; a comment for people has a space after its #.
const optional = lines.flatMap((line, index) => (/^#[a-z[]/.test(line) ? [index] : []));

/** The sample with these lines switched on, and the headers that they stand under. */
function withLines(indexes: readonly number[]): string {
  const headers = indexes.map((index) => lines.findLastIndex((line, at) => at <= index && /^#?\[/.test(line)));
  const on = new Set([...indexes, ...headers]);
  return lines.map((line, index) => (on.has(index) ? line.replace(/^#(?=[a-z[])/, "") : line)).join("\n");
}

/** Keys whose default is to have none, so the sample shows an example. */
const examples =
  /auth_password|username|password_file|^#(ca|cert|key|server_name) |interface|priority|on_transition|listen/;

describe("the sample of a cluster file", () => {
  const plain = parseCluster(sample, file);

  it("loads as it is", () => {
    assert.equal(plain.name, "sessions");
    assert.equal(plain.nodes.length, 2);
  });

  for (const index of optional) {
    it(`loads with ${lines[index]}`, () => {
      const cluster = parseCluster(withLines([index]), file);
      if (!examples.test(lines[index] ?? "") && !lines[index]?.startsWith("#["))
        assert.deepEqual(cluster, plain, "what the sample shows isn't the default");
      else assert.notDeepEqual(cluster, plain);
    });
  }

  it("loads with every line at once, but the password of VRRPv2, which has other times", () => {
    const all = optional.filter((index) => !lines[index]?.startsWith("#auth_password"));
    const cluster = parseCluster(withLines(all), file);
    assert.equal(cluster.redis.tls?.server_name, "redis.example.com");
  });

  it("shows every key that there is, and the reference explains each", () => {
    const reference = readFileSync(new URL("../../../docs/cluster-file.md", import.meta.url), "utf8");
    for (const key of keysOf(clusterSchema)) {
      const last = key.split(".").at(-1) ?? key;
      assert.match(sample, new RegExp(`^#?(\\[+[a-z.]*)?${last}\\b`, "m"), `${key} is not in the sample`);
      assert.ok(reference.includes(`\`${key}\``), `${key} is not in docs/cluster-file.md`);
    }
  });
});

/** All keys of a schema as `redis.tls.ca`. */
function keysOf(schema: object): string[] {
  const { entries, item } = ("wrapped" in schema ? schema.wrapped : schema) as { entries?: object; item?: object };
  if (item) return keysOf(item);
  return Object.entries(entries ?? {}).flatMap(([key, inner]: [string, object]) => {
    const below = keysOf(inner).map((one) => `${key}.${one}`);
    return below.length > 0 ? below : [key];
  });
}
