import assert from "node:assert/strict";
import { it } from "node:test";
import { found, lines, nodeOf, reportOf, setting } from "./facts.ts";

const wrong = { value: { error: "WRONGPASS" } };
const protectedMode = { value: { error: "DENIED" } };

it("names the password file in which the right password is", () => {
  assert.deepEqual(
    lines("password", (facts) => Object.assign(nodeOf(facts, 1), { login: wrong })),
    ["requirepass THE-PASSWORD   # that of /etc/keepalived-redis/password"],
  );
  assert.deepEqual(
    lines("password", (facts) => {
      facts.passwordFile = undefined;
      nodeOf(facts, 1).login = wrong;
    }),
    ["requirepass THE-PASSWORD   # that of redis.password_file"],
  );
});

it("a Redis in protected mode has no wrong password: it has none", () => {
  const inProtectedMode = (check: string) =>
    found(check, (facts) => {
      nodeOf(facts, 0).login = protectedMode;
      nodeOf(facts, 1).follows = [{ to: "server11", login: protectedMode }];
    });
  assert.deepEqual(inProtectedMode("password"), []);
  assert.deepEqual(inProtectedMode("masterauth"), []);
  assert.deepEqual(inProtectedMode("protected-mode"), [
    "danger server11: the Redis of server11 has no password and is in protected mode",
  ]);
  assert.deepEqual(
    found("protected-mode", (facts) => Object.assign(nodeOf(facts, 0), { login: wrong })),
    [],
  );
});

it("a Redis listens on all addresses, of IPv4 or of IPv6, or clients can't reach it at the virtual IP", () => {
  const only = (bind: string) => found("bind", (facts) => setting(facts, 1, "bind", bind)).length === 1;
  for (const bind of ["", "*", "* -::*", "0.0.0.0", "127.0.0.1 0.0.0.0", "::", "-::*", "127.0.0.1 -::"])
    assert.equal(only(bind), false, bind);
  for (const bind of ["127.0.0.1", "192.0.2.12 -::1", "127.0.0.1 ::1"]) assert.equal(only(bind), true, bind);
});

it("whether a command is allowed may not be known", () => {
  const { findings, not_known } = reportOf("commands", (facts) => {
    nodeOf(facts, 1).commands = { value: [{ command: "DUMP", problem: "not-known" }] };
  });
  assert.deepEqual(findings, []);
  assert.deepEqual(not_known, [
    {
      check: "commands",
      on: "server12",
      not_known: "whether DUMP is allowed: ACL DRYRUN is denied or missing",
      harmless: true,
    },
  ]);
});

it("names each command that is denied or missing, and what to do about it", () => {
  const change = (facts: Parameters<Parameters<typeof found>[1]>[0]) => {
    facts.user = "failover";
    nodeOf(facts, 1).commands = {
      value: [
        { command: "CLIENT PAUSE", problem: "denied" },
        { command: "CONFIG GET", problem: "missing" },
        { command: "INFO", problem: undefined },
      ],
    };
  };
  assert.deepEqual(found("commands", change), [
    "danger server12: the Redis of server12 denies CLIENT PAUSE to our user",
    "danger server12: the Redis of server12 has no command CONFIG GET",
  ]);
  assert.deepEqual(lines("commands", change), [
    "ACL SETUSER failover +client|pause",
    "# remove: rename-command CONFIG ...",
  ]);
});

it("users are compared by name: who lacks one, or has another one of that name", () => {
  const change = (facts: Parameters<Parameters<typeof found>[1]>[0]) => {
    const users = [
      { name: "shop", hash: "2" },
      { name: "default", hash: "1" },
    ];
    nodeOf(facts, 0).users = { value: [...users, { name: "app", hash: "3" }] };
    nodeOf(facts, 1).users = {
      value: [{ name: "default", hash: "9" }, { name: "web", hash: "4" }, ...users.slice(0, 1)],
    };
  };
  assert.deepEqual(found("acl-users", change), [
    "danger server12: the Redis of server12 has no user app",
    "danger server12: the user default differs between server11 and server12",
    "danger server11: the Redis of server11 has no user web",
  ]);
  assert.deepEqual(lines("acl-users", change), [
    "ACL SETUSER app ...   # as ACL LIST of server11 has it",
    "ACL SETUSER default ...   # as ACL LIST of server11 has it",
    "ACL SETUSER web ...   # as ACL LIST of server12 has it",
  ]);
});
