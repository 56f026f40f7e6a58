import assert from "node:assert/strict";
import { it } from "node:test";
import { changeSettings, settingsToChange } from "../../../../src/admin/init/redis-settings.ts";
import { ReplyError, type Session } from "../../../../src/redis/session.ts";

/** A server with these settings, some of which it takes at its start only. */
function server(settings: Record<string, string>, fixed: readonly string[] = []): Session & { asked: string[] } {
  const asked: string[] = [];
  const ask = async (_config: string, verb = "", name = "", value = "") => {
    if (verb === "GET") return name in settings ? [name, settings[name]] : [];
    asked.push(name);
    if (fixed.includes(name)) throw new ReplyError(`ERR CONFIG SET failed - can't set immutable config '${name}'`);
    settings[name] = value;
    return "OK";
  };
  return { asked, endpoint: { host: "127.0.0.1", port: 6379 }, ask: ask as Session["ask"], close: () => undefined };
}

const text = `replicaof 127.0.0.1 1
bind * -::*
requirepass "x y"
masterauth "x y"
repl-backlog-size 64mb
save 3600 1
unknown-to-it 1
`;

it("only what differs is changed, the role and snapshots never, the password of clients last", async () => {
  const settings = { bind: "127.0.0.1", requirepass: "", masterauth: "", "repl-backlog-size": "67108864", save: "" };
  const session = server(settings);
  const changes = await settingsToChange(session, text);
  assert.deepEqual(
    changes.map(({ name, before, value }) => [name, before, value]),
    [
      ["bind", "127.0.0.1", "* -::*"],
      ["masterauth", "", "x y"],
      ["requirepass", "", "x y"],
    ],
  );
  assert.deepEqual(await changeSettings(session, changes), []);
  assert.deepEqual(await settingsToChange(session, text), []);
});

it("what a server takes at its start only is named, and the others are changed all the same", async () => {
  const session = server({ bind: "127.0.0.1", masterauth: "" }, ["bind"]);
  const changes = await settingsToChange(session, text);
  assert.deepEqual(await changeSettings(session, changes), ["bind"]);
  assert.deepEqual(session.asked, ["bind", "masterauth"]);
});
