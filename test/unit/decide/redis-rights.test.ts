import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { aclName, aclRules, redisRights } from "../../../src/decide/redis-rights.ts";

const src = fileURLToPath(new URL("../../../src", import.meta.url));

// @read and @write: those that compare keys with a dump, and those that apply it.
const ofCategories = "EXISTS SCAN DUMP PTTL TYPE GETRANGE STRLEN LLEN SCARD ZCARD HLEN XLEN DEL RESTORE".split(" ");
const noCommands = ["MASTER", "BACKUP", "FAULT", "SIGTERM"];
// Redis lets every user log in.
const always = ["AUTH"];
// Sent by redis-cli --rdb and by replicas.
const byOthers = ["SYNC", "REPLCONF"];

/** The commands in the code: `ask("X", "Y"`, `ask([word("X"), word("Y")`, and lists that begin with a name in capitals. */
function sentByTheCode(): Set<string> {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const code = files
    // It tries each right in a form without effect.
    .filter((file) => !file.endsWith("redis-rights.ts") && !file.endsWith("try-commands.ts"))
    .map((file) => readFileSync(join(src, file), "utf8"))
    .join("\n")
    .replaceAll(/\b(?:word|Buffer\.from)\(("[^"]*")\)/g, "$1");
  const sent = [...code.matchAll(/(?:ask\(\[?|(?<!\w)\[)\s*"([A-Z]{3,}|subscribe)"(?:,\s*"([A-Za-z]+)")?/g)];
  const containers = ["CLIENT", "CONFIG", "PUBSUB", "ACL"];
  return new Set(
    sent.map(([, name = "", second = ""]) => (containers.includes(name) ? `${name} ${second}` : name.toUpperCase())),
  );
}

const listed = Object.values(redisRights).flatMap(({ commands }) => [...commands] as string[]);

it("every command in the code is in the list of rights, and none is listed that is not sent", () => {
  const sent = sentByTheCode();
  assert.deepEqual(
    [...sent].filter((command) => ![...listed, ...ofCategories, ...noCommands, ...always].includes(command)).sort(),
    [],
  );
  const tried = readFileSync(join(src, "admin/doctor/try-commands.ts"), "utf8");
  const isSent = (command: string) =>
    sent.has(command) ||
    byOthers.includes(command) ||
    (command.startsWith("ACL ") && tried.includes(`"${command.split(" ").join('", "')}"`));
  assert.deepEqual(
    listed.filter((command) => !isSent(command)),
    [],
  );
});

it("docs/redis.md has the same rights", () => {
  const page = readFileSync(new URL("../../../docs/redis.md", import.meta.url), "utf8");
  const words = new Set(page.split(/[\s`]+/));
  for (const rights of Object.values(redisRights))
    assert.deepEqual(
      aclRules(rights).filter((rule) => !words.has(rule)),
      [],
    );
  const documented = [...page.matchAll(/(?<=[\s`])\+(@?[a-z|]+)/g)].map(([, name]) => name);
  const known = Object.values(redisRights).flatMap(({ commands, categories }) => [
    ...[...commands].map(aclName),
    ...categories,
  ]);
  assert.deepEqual(
    documented.filter((name) => !known.includes(name ?? "")),
    [],
  );
  const keys = Object.values(redisRights).map((rights) => String(rights.keys));
  assert.deepEqual(
    page.match(/(?<=[\s`])~[^\s`]+/g)?.filter((pattern) => !keys.includes(pattern)),
    [],
  );
});

it("a right is a rule of its own, and rights without keys have no rule for them", () => {
  assert.deepEqual(aclRules(redisRights.drill), ["~keepalived-redis:*", "+set", "+del"]);
  assert.deepEqual(aclRules({ commands: ["CLIENT PAUSE"], categories: ["@read"], keys: "" }), [
    "+@read",
    "+client|pause",
  ]);
});
