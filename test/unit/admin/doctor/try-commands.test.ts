import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { tryCommands } from "../../../../src/admin/doctor/try-commands.ts";
import { ReplyError, type Session } from "../../../../src/redis/session.ts";

const containers = ["CLIENT", "CONFIG", "PUBSUB"];

const sessionThat = (answer: (command: readonly string[]) => unknown): Session => ({
  endpoint: { host: "", port: 0 },
  ask: async (...command) => {
    const reply = answer(command);
    if (reply instanceof Error) throw reply;
    return reply;
  },
  close: () => undefined,
});

it("every command of src/redis/commands.ts is tried", async () => {
  const code = readFileSync(new URL("../../../../src/redis/commands.ts", import.meta.url), "utf8");
  const sent = [...code.matchAll(/(?:ask\(|\[)"([A-Za-z]+)"(?:, "([A-Z]+)")?/g)].map(([, name = "", second = ""]) =>
    containers.includes(name) ? `${name} ${second}` : name.toUpperCase(),
  );
  const tried = (
    await tryCommands(
      sessionThat(() => "OK"),
      "channel",
    )
  ).map(({ command }) => command);
  assert.ok(sent.length >= 10);
  assert.deepEqual(
    sent.filter((command) => !tried.includes(command)),
    [],
  );
});

it("tells a command that is denied from one that is missing, and both from an argument that is wrong", async () => {
  const answers: Record<string, Error> = {
    CLIENT: new ReplyError("NOPERM this user has no permissions to run the 'client|kill' command"),
    BGSAVE: new ReplyError("ERR unknown command 'BGSAVE', with args beginning with: "),
    REPLICAOF: new ReplyError("ERR value is not an integer or out of range"),
  };
  const found = await tryCommands(
    sessionThat((command) => answers[command[0] ?? ""] ?? "OK"),
    "channel",
  );
  const problems = Object.fromEntries(found.map(({ command, problem }) => [command, problem]));
  assert.deepEqual(
    [problems["CLIENT KILL"], problems.BGSAVE, problems.REPLICAOF, problems.PSYNC],
    ["denied", "missing", undefined, undefined],
  );
});

it("believes ACL DRYRUN; where it is missing or denied, a command is not known", async () => {
  const psync = async (reply: unknown) => {
    const found = await tryCommands(
      sessionThat(([name, second]) => (name === "ACL" && second === "DRYRUN" ? reply : "OK")),
      "channel",
    );
    return found.find(({ command }) => command === "PSYNC")?.problem;
  };
  assert.equal(await psync("OK"), undefined);
  assert.equal(await psync("User failover has no permissions to run the 'psync' command"), "denied");
  assert.equal(await psync(new ReplyError("ERR Command 'psync' not found")), "missing");
  assert.equal(await psync(new ReplyError("ERR unknown subcommand 'DRYRUN'. Try ACL HELP.")), "not-known");
  assert.equal(
    await psync(new ReplyError("NOPERM this user has no permissions to run the 'acl|dryrun' command")),
    "not-known",
  );
});
